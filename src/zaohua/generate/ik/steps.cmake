# Taken into ik_llama.cpp's own build, after its project() line: one library of ours and all of
# what it needs, some calls of which are led to functions of ours (__wrap_...); kernels are
# compiled for this processor as its own are, what is not arithmetic with less effort.
function(zaohua_steps)
  add_library(zaohua-steps SHARED ${ZAOHUA_STEPS} ${ZAOHUA_SHARES})
  target_sources(ggml PRIVATE ${ZAOHUA_KERNELS})
  target_compile_features(zaohua-steps PRIVATE cxx_std_20)
  target_include_directories(zaohua-steps PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/ggml/src")
  target_link_libraries(zaohua-steps PRIVATE llama)
  set_target_properties(zaohua-steps PROPERTIES
    CXX_VISIBILITY_PRESET hidden
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  target_link_options(zaohua-steps PRIVATE LINKER:--exclude-libs,ALL)
  foreach(led IN ITEMS
      iqk_mul_mat_4d iqk_moe_fused_up_gate GOMP_parallel GOMP_barrier ggml_backend_buffer_clear
      _Z29iqk_set_kernels_legacy_quantsiiiRSt5arrayIPFviPKvmRK8DataInfoiELm8EERS6_)
    target_link_options(zaohua-steps PRIVATE LINKER:--wrap=${led})
  endforeach()
  target_compile_options(llama PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O1>)
endfunction()
cmake_language(DEFER CALL zaohua_steps)
