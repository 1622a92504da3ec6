# Each kernel source is compiled once for each instruction set of the target processor. Only these files get flags
# beyond the baseline: the rest of the library runs on every processor.
set(STOCKPOT_KERNELS cpu/mix_scalar.cpp cpu/dot_scalar.cpp cpu/formula_scalar.cpp cpu/drop_scalar.cpp
    cpu/divergence_scalar.cpp)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(avx2_kernels cpu/mix_avx2.cpp cpu/dot_avx2.cpp cpu/formula_avx2.cpp cpu/drop_avx2.cpp
    cpu/divergence_avx2.cpp)
  set(avx512_kernels cpu/mix_avx512.cpp cpu/dot_avx512.cpp cpu/formula_avx512.cpp cpu/drop_avx512.cpp
    cpu/divergence_avx512.cpp)
  # Plain code that writes code for AVX-512.
  set(compiler cpu/jit/allocation.cpp cpu/jit/compiled.cpp cpu/jit/frame.cpp cpu/jit/lowering.cpp cpu/jit/lowering_elements.cpp
      cpu/jit/lowering_random.cpp cpu/jit/lowering_sums.cpp)
  list(APPEND STOCKPOT_KERNELS ${avx2_kernels} ${avx512_kernels} ${compiler})
  set_source_files_properties(${avx2_kernels} PROPERTIES COMPILE_OPTIONS "-mavx2;-mf16c;-mfma")
  set_source_files_properties(
    ${avx512_kernels} PROPERTIES COMPILE_OPTIONS
    "-mavx512f;-mavx512bw;-mavx512vl;-mavx512dq;-mf16c;-mfma;-mprefer-vector-width=512")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC's own AVX-512 header triggers these warnings (GCC bug 105593).
    set_property(SOURCE ${avx512_kernels} APPEND PROPERTY COMPILE_OPTIONS -Wno-uninitialized -Wno-maybe-uninitialized)
  endif()
endif()
