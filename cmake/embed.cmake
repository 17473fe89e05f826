# The library skep_scripts: every provisioners/scripts/*.sh by its name, behind provisioners/scripts/embedded.h.
# Included by the top CMakeLists.txt, which makes the target; run again by the build as `cmake -P`, which writes the
# source file whenever a script changed. A new script is found by itself.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  file(GLOB skep_script_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/provisioners/scripts/*.sh)
  list(SORT skep_script_files)
  set(skep_scripts_source ${CMAKE_BINARY_DIR}/generated/embedded_scripts.cc)
  add_custom_command(
    OUTPUT ${skep_scripts_source}
    COMMAND ${CMAKE_COMMAND} "-DSCRIPTS=${skep_script_files}" -DOUTPUT=${skep_scripts_source} -P ${CMAKE_CURRENT_LIST_FILE}
    DEPENDS ${skep_script_files} ${CMAKE_CURRENT_LIST_FILE}
    COMMENT "Embedding provisioners/scripts"
    VERBATIM)
  add_library(skep_scripts STATIC ${skep_scripts_source})
  return()
endif()

set(entries "")
set(count 0)
foreach(script IN LISTS SCRIPTS)
  get_filename_component(name ${script} NAME_WE)
  file(READ ${script} text)
  string(FIND "${text}" ")skep\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${script}: holds the characters )skep\" which end its C++ literal")
  endif()
  string(APPEND entries "    {\"${name}\", R\"skep(${text})skep\"},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(WRITE ${OUTPUT} "// Written by cmake/embed.cmake from provisioners/scripts/*.sh; edit those.
#include \"provisioners/scripts/embedded.h\"

#include <array>

namespace skep {

namespace {

struct Entry {
  std::string_view name;
  std::string_view text;
};

constexpr std::array<Entry, ${count}> scripts = {{
${entries}}};

}  // namespace

std::optional<std::string_view> embedded_script(std::string_view name) {
  for (const Entry& entry : scripts) {
    if (entry.name == name) return entry.text;
  }
  return std::nullopt;
}

}  // namespace skep
")
