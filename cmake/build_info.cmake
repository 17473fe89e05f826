# The library skep_build_info: which commit and which compiler this build is of, behind cli/version.h. Included by the
# top CMakeLists.txt, which makes the target; run again by every build as `cmake -P`, which writes the source file only
# when it would change.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(build_info_source ${CMAKE_BINARY_DIR}/generated/build_info.cc)
  set(build_info_text "${CMAKE_BUILD_TYPE}, ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}, ${CMAKE_SYSTEM_PROCESSOR}")
  add_custom_target(skep_build_info_source
    COMMAND ${CMAKE_COMMAND} -DTOP=${CMAKE_SOURCE_DIR} -DOUTPUT=${build_info_source} "-DBUILD=${build_info_text}"
      -P ${CMAKE_CURRENT_LIST_FILE}
    BYPRODUCTS ${build_info_source}
    VERBATIM)
  add_library(skep_build_info STATIC ${build_info_source})
  add_dependencies(skep_build_info skep_build_info_source)
  return()
endif()

set(commit "unknown")  # of an archive without a repository
string(TIMESTAMP date "%Y-%m-%d" UTC)  # honours SOURCE_DATE_EPOCH
execute_process(COMMAND git -C ${TOP} rev-parse --short=12 HEAD OUTPUT_VARIABLE found RESULT_VARIABLE failed
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(failed EQUAL 0)
  set(commit ${found})
  execute_process(COMMAND git -C ${TOP} log -1 --format=%cs OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE)
  execute_process(COMMAND git -C ${TOP} status --porcelain --untracked-files=no OUTPUT_VARIABLE changes ERROR_QUIET)
  if(NOT changes STREQUAL "")
    string(APPEND commit "+dirty")
  endif()
endif()

set(text "// Written by cmake/build_info.cmake.
#include \"cli/version.h\"

namespace skep {

const char* const commit_text = \"${commit}\";
const char* const date_text = \"${date}\";
const char* const build_text = \"${BUILD}\";

}  // namespace skep
")
set(before "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT text STREQUAL before)
  file(WRITE ${OUTPUT} "${text}")
endif()
