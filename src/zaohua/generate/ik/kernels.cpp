// Products of weights in four bits (Q4_0, eight rows side by side) with one to eight tokens, in
// place of ik_llama.cpp's; the linker leads the choice of a kernel here (steps.cmake).
//
// There two tokens take nearly twice as long as one. Here memory is read as for one; what comes of
// a token is the same beside any other ones; and sums of values are exact, where there they are
// rounded to eight bits. Processors without AVX-512 and VNNI are left to the library.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "iqk/iqk_config.h"

#include "iqk/iqk_gemm_legacy_quants.h"
#include "iqk/iqk_utils.h"

// Weighs values by the SiLU of their gates, as the library does: to the same bits.
void weigh(float * values, const float * gates, long count) {
    long n = 0;
#if defined(__AVX512F__) && defined(__AVX512DQ__)
    for (; n + 16 <= count; n += 16)
        _mm512_storeu_ps(values + n, _mm512_mul_ps(_mm512_loadu_ps(values + n),
                                                   v_silu(_mm512_loadu_ps(gates + n))));
#endif
#if defined(__AVX2__) && defined(__FMA__)
    for (; n + 8 <= count; n += 8)
        _mm256_storeu_ps(values + n, _mm256_mul_ps(_mm256_loadu_ps(values + n),
                                                   v_silu(_mm256_loadu_ps(gates + n))));
#endif
#if defined(__ARM_NEON)
    for (; n + 4 <= count; n += 4)
        vst1q_f32(values + n, vmulq_f32(vld1q_f32(values + n), v_silu(vld1q_f32(gates + n))));
#endif
    for (; n < count; n++) values[n] *= gates[n] / (1.0f + std::exp(-gates[n]));
}

#ifdef HAVE_FANCY_SIMD

namespace {

using Weights = block_iq4_nl_r8;  // 32 of each row
using Four = block_q8_2_x4;       // blocks of 32 values of a token
using One = block_q8_2;           // those that are left over

constexpr int VALUES = 32;
constexpr int SIDE_BY_SIDE = 8;
constexpr int AHEAD = 4096;  // bytes, a page: the processor itself fetches ahead up to its end
constexpr int LINE = 64;
constexpr int OFFSET = 8;  // weights are stored from 0 to 15

// Of four blocks of a token.
struct Known {
    float scales[4];
    int32_t excess[4];  // what the offset of weights adds to sums of products
};

float widened(uint16_t bfloat) {
    const uint32_t bits = uint32_t(bfloat) << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

int32_t dword(const int8_t * values) {
    int32_t four;
    memcpy(&four, values, sizeof four);
    return four;
}

__m256i offset_products(const int8_t * values) {
    return _mm256_dpbusd_epi32(_mm256_setzero_si256(), _mm256_set1_epi8(OFFSET),
                               _mm256_loadu_si256((const __m256i *)values));
}

Known known(const Four & four) {
    Known out;
    const __m256i sums = _mm256_hadd_epi32(
        _mm256_hadd_epi32(offset_products(four.qs), offset_products(four.qs + VALUES)),
        _mm256_hadd_epi32(offset_products(four.qs + 2 * VALUES),
                          offset_products(four.qs + 3 * VALUES)));
    _mm_storeu_si128((__m128i *)out.excess, _mm_add_epi32(_mm256_castsi256_si128(sums),
                                                          _mm256_extracti128_si256(sums, 1)));
    for (int k = 0; k < 4; k++) out.scales[k] = widened(four.d[k]);
    return out;
}

// Of what is left over, fewer than four.
Known known(const One * blocks, int count) {
    Known out{};
    for (int k = 0; k < count; k++) {
        out.scales[k] = widened(blocks[k].d);
        for (const int8_t value : blocks[k].qs) out.excess[k] += OFFSET * value;
    }
    return out;
}

// A block's part in the sums of eight rows with so many tokens. Weights are bytes of two: the
// upper ones count sixteenfold, and are not shifted before they are multiplied.
template <int TOKENS>
inline __attribute__((always_inline)) void add(const Weights & weights, const Known * known, int k,
                                               const int8_t * const (&values)[TOKENS], size_t at,
                                               __m256 (&sums)[TOKENS]) {
    __m256i lower[4], upper[4];
#pragma GCC unroll 4
    for (int n = 0; n < 4; n++) {
        const __m256i both = _mm256_loadu_si256((const __m256i *)weights.qs + n);
        lower[n] = _mm256_and_si256(both, _mm256_set1_epi8(0x0f));
        upper[n] = _mm256_and_si256(both, _mm256_set1_epi8(char(0xf0)));
    }
    const __m256 scales = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)weights.d));
#pragma GCC unroll 8
    for (int token = 0; token < TOKENS; token++) {
        const int8_t * with = values[token] + at;
        __m256i sum = _mm256_set1_epi32(-known[token].excess[k]);
        __m256i sixteenfold = _mm256_setzero_si256();
#pragma GCC unroll 4
        for (int n = 0; n < 4; n++) {
            const __m256i first = _mm256_set1_epi32(dword(with + 4 * n));
            const __m256i second = _mm256_set1_epi32(dword(with + VALUES / 2 + 4 * n));
            sum = _mm256_dpbusd_epi32(sum, lower[n], first);
            sixteenfold = _mm256_dpbusd_epi32(sixteenfold, upper[n], second);
        }
        sum = _mm256_add_epi32(sum, _mm256_srai_epi32(sixteenfold, 4));
        const __m256 scale = _mm256_mul_ps(scales, _mm256_set1_ps(known[token].scales[k]));
        sums[token] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), scale, sums[token]);
    }
}

// A kernel as the library has them: `rows` rows of weights with `inner` values each, times tokens.
template <int TOKENS>
void product(int inner, const void * weights, size_t row_bytes, const DataInfo & info, int rows) {
    const int fours = inner / VALUES / 4, left = inner / VALUES % 4;
    static thread_local std::vector<Known> all;
    all.resize(size_t(fours + 1) * TOKENS);
    const int8_t * values[TOKENS];
    for (int token = 0; token < TOKENS; token++) {
        const auto * row = (const Four *)info.src1_row(token);
        values[token] = (const int8_t *)row;
        for (int four = 0; four < fours; four++) all[four * TOKENS + token] = known(row[four]);
        all[fours * TOKENS + token] = known((const One *)(row + fours), left);
    }
    for (int row = 0; row < rows; row += SIDE_BY_SIDE) {
        const auto * block = (const Weights *)((const char *)weights + row * row_bytes);
        const Known * tokens = all.data();
        __m256 sums[TOKENS] = {};
        size_t at = 0;
        for (int four = 0; four < fours; four++, block += 4, tokens += TOKENS, at += sizeof(Four)) {
            if constexpr (TOKENS > 1)  // for one the processor's own fetching is quicker
#pragma GCC unroll 9
                for (size_t line = 0; line < 4 * sizeof(Weights); line += LINE)
                    _mm_prefetch((const char *)block + AHEAD + line, _MM_HINT_T0);
#pragma GCC unroll 4
            for (int k = 0; k < 4; k++)
                add(block[k], tokens, k, values, at + offsetof(Four, qs) + VALUES * k, sums);
        }
        for (int k = 0; k < left; k++)
            add(block[k], tokens, k, values, at + offsetof(One, qs) + sizeof(One) * k, sums);
        for (int token = 0; token < TOKENS; token++) info.store(row, token, sums[token]);
    }
}

template <int... TOKENS>
std::array<mul_mat_t, IQK_MAX_NY> kernels(std::integer_sequence<int, TOKENS...>) {
    return {product<TOKENS + 1>...};
}

}  // namespace

#endif

#define LED "_Z29iqk_set_kernels_legacy_quantsiiiRSt5arrayIPFviPKvmRK8DataInfoiELm8EERS6_"
using Kernels = std::array<mul_mat_t, IQK_MAX_NY>;
bool real_set(int, int, int, Kernels &, mul_mat_t &) __asm__("__real_" LED);
bool wrap_set(int, int, int, Kernels &, mul_mat_t &) __asm__("__wrap_" LED);

// Kernels for products of two types with one to eight tokens, and one for sixteen, which ours are
// quicker than. False where there are none.
bool wrap_set(int inner, int a_type, int b_type, Kernels & out, mul_mat_t & sixteen) {
    if (!real_set(inner, a_type, b_type, out, sixteen)) return false;
#ifdef HAVE_FANCY_SIMD
    if (a_type == GGML_TYPE_Q4_0_R8) {
        out = kernels(std::make_integer_sequence<int, IQK_MAX_NY>{});
        sixteen = nullptr;
    }
#endif
    return true;
}
