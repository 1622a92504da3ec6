// The element types as the kernels see them, compiled once for each instruction set: include a simd_*.h and define
// SP_TARGET as its namespace first.
#ifndef STOCKPOT_ELEMENTS_INL
#define STOCKPOT_ELEMENTS_INL

namespace stockpot::SP_TARGET {

// How kLanes elements become floats.
struct F32 {
    static constexpr int kBytes = 4;
    SP_INLINE F decode(const char* p) { return decodeF32(p); }
    SP_INLINE void encode(char* p, F x, Largest& largest) { encodeF32(p, x, largest); }
};
struct F16 {
    static constexpr int kBytes = 2;
    SP_INLINE F decode(const char* p) { return decodeF16(p); }
    SP_INLINE void encode(char* p, F x, Largest& largest) { encodeF16(p, x, largest); }
};
struct BF16 {
    static constexpr int kBytes = 2;
    SP_INLINE F decode(const char* p) { return decodeBF16(p); }
    SP_INLINE void encode(char* p, F x, Largest& largest) { encodeBF16(p, x, largest); }
};
struct E5M2 {
    static constexpr int kBytes = 1;
    SP_INLINE F decode(const char* p) { return decodeE5M2(p); }
    SP_INLINE void encode(char* p, F x, Largest& largest) { encodeE5M2(p, x, largest); }
};
struct E4M3 {
    static constexpr int kBytes = 1;
    SP_INLINE F decode(const char* p) { return decodeE4M3(p); }
    SP_INLINE void encode(char* p, F x, Largest& largest) { encodeE4M3(p, x, largest); }
};
struct F64 {
    static constexpr int kBytes = 8;
};
// kLanes elements of any type as doubles.
template <class T>
SP_INLINE D decodeWide(const char* p) {
    if constexpr (__is_same(T, F64)) {
        return decodeF64(p);
    } else {
        return widen(T::decode(p));
    }
}

}  // namespace stockpot::SP_TARGET

#endif  // STOCKPOT_ELEMENTS_INL
