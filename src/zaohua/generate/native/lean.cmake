# Taken into llama.cpp's own build, after its project() line: what is not arithmetic is compiled
# with less effort, and its headers are read once.
function(zaohua_lean)
  foreach(name llama-common server-context llama-server-impl cpp-httplib mtmd)
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O1>)
  endforeach()
  foreach(name llama-common server-context llama-server-impl)
    target_precompile_headers(${name} PRIVATE
      <algorithm> <functional> <map> <memory> <regex> <sstream> <string> <unordered_map> <vector>)
  endforeach()
  set_target_properties(mtmd PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
  get_target_property(sources mtmd SOURCES)
  get_target_property(place mtmd SOURCE_DIR)
  list(FILTER sources EXCLUDE REGEX "^models/")
  list(TRANSFORM sources PREPEND "${place}/")
  set_source_files_properties(${sources} TARGET_DIRECTORY mtmd
    PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
cmake_language(DEFER CALL zaohua_lean)
