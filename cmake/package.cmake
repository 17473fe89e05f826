# What `cmake --install` puts where, and the Debian package (`cpack -G DEB` in the build folder). Man pages and
# completion scripts are made by the program itself from its command tree.
set(package_share ${CMAKE_BINARY_DIR}/package)
add_custom_command(
  OUTPUT ${package_share}/done
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${package_share}
  COMMAND skep package-files ${package_share}
  COMMAND sh -c "gzip -9n package/man/man1/*.1 && touch package/done"
  WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
  DEPENDS skep
  COMMENT "Writing man pages and completion scripts"
  VERBATIM)
add_custom_target(skep_package_files ALL DEPENDS ${package_share}/done)

include(GNUInstallDirs)
install(TARGETS skep RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${package_share}/ DESTINATION ${CMAKE_INSTALL_DATADIR} PATTERN done EXCLUDE)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME skep)
set(CPACK_PACKAGE_CONTACT "the maintainers of skep <skep@localhost>" CACHE STRING "who answers for the package")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "one YAML file in, a running Docker Swarm out")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "git, openssh-client")
include(CPack)
