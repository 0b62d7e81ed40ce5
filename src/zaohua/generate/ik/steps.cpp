// Steps of a model by ik_llama.cpp, for a program that keeps the books itself (library.py).
//
// All steps are to be made by one thread: OpenMP keeps threads for each thread that ever computed,
// and where they are more than the processor has, all sleep in between.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "ggml-backend.h"
#include "llama.h"

#define EXPORTED extern "C" __attribute__((visibility("default")))
#define LED_HERE extern "C" __attribute__((visibility("hidden")))

// Of its flash attention, which ends the program where it computes several texts: it is not
// compiled in, and nobody calls it.
extern "C" size_t iqk_fa_work_buffer_size(const void *, int) { abort(); }
extern "C" bool iqk_flash_attn_noalibi() { abort(); }

void begin_step();  // shares.cpp

namespace {

struct Steps {
    llama_model * model;
    llama_context * context;
    llama_batch batch;
    std::vector<float> told;  // logits of a step that was made in halves
};

float * logits = nullptr;  // of the last step, side by side

bool is_told(int8_t told) { return told != 0; }

void complain(ggml_log_level level, const char * text, void *) {
    if (level == GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

// Computes rows [begin, end) of a batch; in halves where no such run of cells is free.
int computed(Steps & steps, const llama_batch & batch, int begin, int end) {
    llama_batch part = batch;
    part.n_tokens = end - begin;
    part.token += begin;
    part.pos += begin;
    part.n_seq_id += begin;
    part.seq_id += begin;
    part.logits += begin;
    begin_step();
    const int failed = llama_decode(steps.context, part);
    if (failed == 1 && end - begin > 1) {
        const int middle = begin + (end - begin) / 2;
        const int first = computed(steps, batch, begin, middle);
        return first ? first : computed(steps, batch, middle, end);
    }
    if (failed) return failed;
    logits = llama_get_logits(steps.context);
    if (part.n_tokens < batch.n_tokens) {
        const auto rows = std::count_if(part.logits, part.logits + part.n_tokens, is_told);
        steps.told.insert(steps.told.end(), logits, logits + rows * llama_n_vocab(steps.model));
    }
    return 0;
}

}  // namespace

// The library clears the room of logits before each step. They are written over as a whole.
extern "C" decltype(ggml_backend_buffer_clear) __real_ggml_backend_buffer_clear;
LED_HERE void __wrap_ggml_backend_buffer_clear(ggml_backend_buffer_t room, uint8_t value) {
    if (ggml_backend_buffer_get_base(room) != logits) __real_ggml_backend_buffer_clear(room, value);
}

// A model with so many cells for keys and values, or null; why is in the log.
EXPORTED Steps * zaohua_open(const char * path, int cells, int texts, int batch, int threads) {
    llama_log_set(complain, nullptr);
    llama_backend_init();
    llama_model_params weights = llama_model_default_params();
    weights.repack_tensors = true;
    weights.merge_qkv = true;
    weights.use_mmap = false;  // they are rewritten in memory, into large pages
    llama_model * model = llama_model_load_from_file(path, weights);
    if (!model) return nullptr;
    llama_context_params with = llama_context_default_params();
    with.n_ctx = cells;
    with.n_batch = with.n_ubatch = batch;
    with.n_seq_max = texts;
    with.n_threads = with.n_threads_batch = threads;
    with.flash_attn = false;
    llama_context * context = llama_init_from_model(model, with);
    if (!context) {
        llama_free_model(model);
        return nullptr;
    }
    return new Steps{model, context, llama_batch_init(batch, 0, 1), {}};
}

EXPORTED int zaohua_vocabulary(const Steps * steps) { return llama_n_vocab(steps->model); }

// Computes tokens, each at its place of a text. `out` gets where the rows of logits are, one for
// each that is told, until the next step. Zero; 1 if there are too few cells; else another number.
EXPORTED int zaohua_step(Steps * steps, int count, const int32_t * tokens, const int32_t * places,
                         const int32_t * texts, const int8_t * told, const float ** out) {
    llama_batch & batch = steps->batch;
    batch.n_tokens = count;
    for (int row = 0; row < count; row++) {
        batch.token[row] = tokens[row];
        batch.pos[row] = places[row];
        batch.n_seq_id[row] = 1;
        batch.seq_id[row][0] = texts[row];
        batch.logits[row] = told[row];
    }
    steps->told.clear();
    const int failed = computed(*steps, batch, 0, count);
    *out = steps->told.empty() ? logits : steps->told.data();
    return failed;
}

// So many threads compute from now on.
EXPORTED void zaohua_threads(Steps * steps, int count) {
    llama_set_n_threads(steps->context, count, count);
}

EXPORTED int zaohua_used(const Steps * steps) {
    return llama_get_kv_cache_used_cells(steps->context);
}

// Forgets a text from a place on.
EXPORTED void zaohua_forget(Steps * steps, int text, int from) {
    llama_kv_cache_seq_rm(steps->context, text, from, -1);
}

// Lets a text begin with the cells of another one, up to a place.
EXPORTED void zaohua_share(Steps * steps, int text, int other, int end) {
    llama_kv_cache_seq_cp(steps->context, text, other, 0, end);
}

// What is known of a text, to be put back later.
EXPORTED size_t zaohua_size(Steps * steps, int text) {
    return llama_state_seq_get_size(steps->context, text, 0);
}

EXPORTED size_t zaohua_copy(Steps * steps, int text, uint8_t * out, size_t size) {
    return llama_state_seq_get_data(steps->context, out, size, text, 0);
}

EXPORTED size_t zaohua_put(Steps * steps, int text, const uint8_t * copied, size_t size) {
    return llama_state_seq_set_data(steps->context, copied, size, text, 0);
}

// Tokens of a text; if there are more than fit, their number, negative.
EXPORTED int zaohua_encode(const Steps * steps, const char * text, int length, int32_t * out,
                           int most, bool ends, bool control) {
    return llama_tokenize(steps->model, text, length, out, most, ends, control);
}

// The bytes of a token; if there are more than fit, their number, negative.
EXPORTED int zaohua_piece(const Steps * steps, int token, char * out, int most) {
    return llama_token_to_piece(steps->model, token, out, most, 0, true);
}

EXPORTED bool zaohua_control(const Steps * steps, int token) {
    return llama_token_is_control(steps->model, token);
}

EXPORTED int zaohua_first(const Steps * steps) { return llama_token_bos(steps->model); }

EXPORTED int zaohua_last(const Steps * steps) { return llama_token_eos(steps->model); }

// The chat template, or null.
EXPORTED const char * zaohua_template(const Steps * steps) {
    return llama_model_chat_template(steps->model, nullptr);
}
