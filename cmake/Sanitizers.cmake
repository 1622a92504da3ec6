# -DSTOCKPOT_SANITIZE=address,undefined (or thread) builds the library and its tests with these sanitizers, each finding
# of which ends the test. tools/test native-sanitized does so.
set(STOCKPOT_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize takes them; empty for none")

if(STOCKPOT_SANITIZE)
  # Optimizing further takes the compiler minutes.
  set(CMAKE_CXX_FLAGS_RELEASE "-O1 -g")
  add_compile_options(-fsanitize=${STOCKPOT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${STOCKPOT_SANITIZE})
endif()
