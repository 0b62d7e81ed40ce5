# Taken into ik_llama.cpp's own build, after its project() line: one library of ours and all of
# what it needs; what is not arithmetic is compiled with less effort.
function(zaohua_steps)
  add_library(zaohua-steps SHARED ${ZAOHUA_STEPS})
  target_link_libraries(zaohua-steps PRIVATE llama)
  set_target_properties(zaohua-steps PROPERTIES
    CXX_VISIBILITY_PRESET hidden
    LINK_FLAGS "-Wl,--exclude-libs,ALL"
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  target_compile_options(llama PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O1>)
endfunction()
cmake_language(DEFER CALL zaohua_steps)
