"""Break the engine on purpose, one way at a time, and show which tests notice.

Not collected by pytest; run it as `python tests/mutations.py`. Each mutation is made in a temporary
copy of the tree. The table counts failing tests by file; a mutation that none notices makes the
exit code 1. With `--first` each run begins with the tests that speak most of the broken file and
ends at the first that fails: minutes instead of hours, but the table shows only who noticed first.
Compare the columns: cached against recomputed is blind to what both share, which is why there is an
oracle that shares no code.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
SUITES = [
    "oracle",
    "transformers",
    "equivalence",
    "ragged",
    "batch",
    "cores",
    "scheduler",
    "limits",
    "session",
    "sharing",
    "look",
    "cell",
    "trace",
    "accounting",
    "rolling",
    "static",
    "quantized",
    "cache_file",
    "cache_damage",
    "inputs",
    "slot_figure",
    "deletion",
    "compare",
    "verdict",
    "verdict_rows",
    "quality",
    "damage",
    "block_figure",
    "damage_figure",
    "blocks",
    "paged",
    "race",
    "families",
    "hf_config",
    "valid_folders",
    "whatif",
    "whatif_figure",
    "fast",
    "products",
    "bench",
    "tokenizer_kinds",
    "added_tokens",
    "labels",
]
HELPERS = (
    "tiny",
    "loud",
    "oracle",
    "feeding",
    "families",
    "folders",
    "tiny_wheel",
    "kinds",
    "texts",
    "saving",
)


class Mutation(NamedTuple):
    name: str
    file: str
    old: str
    new: str


MUTATIONS = [
    Mutation(
        "added tokens are read as byte symbols",
        "text/vocabulary.py",
        "{i: text for i, text in texts.items() if i not in self._two_meanings}",
        "{}",
    ),
    Mutation(
        "a byte that makes no character stays one",
        "text/vocabulary.py",
        "if i in self._two_meanings and broken &",
        "if False and broken &",
    ),
    Mutation(
        "the tokenizer's first space is shown",
        "text/vocabulary.py",
        'self.adds_space = self._spelt([first]).startswith(" ")',
        "self.adds_space = False",
    ),
    Mutation(
        "ignorable characters are shown as such",
        "text/labels.py",
        r"\p{Default_Ignorable_Code_Point}",
        "",
    ),
    Mutation("blank characters are shown as such", "text/labels.py", ' + _BLANK + "]"', ' + "]"'),
    Mutation(
        "a long prompt is fed at once",
        "engine/turns.py",
        "given[i] = min(wants[i], max(1, tokens // (len(wants) - served)))",
        "given[i] = wants[i]",
    ),
    Mutation(
        "one session a forward",
        "engine/turns.py",
        "if len(chosen) == most:",
        "if chosen:",
    ),
    Mutation(
        "cancelling keeps the cache",
        "engine/scheduler.py",
        "            session.clear()\n",
        "",
    ),
    Mutation(
        "a given-up feed counts as the text",
        "engine/session.py",
        "held = min(self._kept, self.cache.seq_len)",
        "held = self.cache.seq_len",
    ),
    Mutation(
        "a failed forward is not taken back",
        "engine/turns.py",
        "work.feed.take_back()",
        "pass",
    ),
    Mutation(
        "a forward is taken back by what its last layer has",
        "engine/feed.py",
        "min(fed, self.cache.seq_len)",
        "self.cache.seq_len",
    ),
    Mutation(
        "an error stops the thread",
        "engine/scheduler.py",
        "except BaseException as error:",
        "except ZeroDivisionError as error:",
    ),
    Mutation(
        "jobs go first as long as there are any",
        "engine/scheduler.py",
        "job_next = bool(self._jobs) and (job_next or not self._works)",
        "job_next = bool(self._jobs)",
    ),
    Mutation(
        "every sequence uses the first one's cache",
        "model/transformer.py",
        "group.update(layer,",
        "groups[0].update(layer,",
    ),
    Mutation(
        "a sequence's queries are its neighbour's",
        "model/transformer.py",
        "attend(group.of(q),",
        "attend((groups[0] if len(group.pos) == 1 == len(groups[0].pos) else group).of(q),",
    ),
    Mutation(
        "a batch is as visible to all as to its longest",
        "model/segments.py",
        "self.pos[i : i + 1], self.cache.k_pos",
        "self.pos.max()[None], self.cache.k_pos",
    ),
    Mutation(
        "a batch's keys are written where the longest ends",
        "cache/batch.py",
        "+ self.pos[:, None]).view(-1)",
        "+ self.pos.max()).view(-1)",
    ),
    Mutation(
        "a batch is read from its first place",
        "cache/batch.py",
        "KVView(keys[self.lying, :, seen],",
        "KVView(keys[: len(self.pos), :, seen],",
    ),
    Mutation(
        "who is not fed does not divide a batch",
        "cache/batch.py",
        "other.index == self.index + 1",
        "other.index > self.index",
    ),
    Mutation(
        "a state of a batch reaches as far as its longest",
        "model/segments.py",
        "slice(pos + 1)",
        "slice(None)",
    ),
    Mutation(
        "moving into a batch leaves the values behind",
        "cache/contiguous.py",
        "= held.k, held.v",
        "= held.k, 0",
    ),
    Mutation(
        "what is left of a batch stays in it",
        "cache/batch.py",
        "first.index or first.batch.n_places != len(places)",
        "False",
    ),
    Mutation(
        "the scheduler puts nothing together",
        "engine/scheduler.py",
        "return single if again else []",
        "return []",
    ),
    Mutation(
        "a company must meet in every forward",
        "engine/scheduler.py",
        "self._company.get(work.session) == company",
        "list(self._company.values()) == [company] * len(self._company)",
    ),
    Mutation(
        "a batch is as long as its longest",
        "cache/batch.py",
        "alike[_capacity(layers[0]), kind]",
        "alike[kind]",
    ),
    Mutation(
        "a batch writes the row of another head",
        "cache/batch.py",
        "places * first.batch.n_kv_heads +",
        "places +",
    ),
    Mutation(
        "who comes later finds no place",
        "cache/batch.py",
        "return all(a and b and a.is_before(b)",
        "return all(not b or (a and a.is_before(b))",
    ),
    Mutation("one core for ever", "ops/cores.py", "torch.set_num_threads(self._threads)", "pass"),
    Mutation(
        "logits of each sequence's first token",
        "model/transformer.py",
        "own.stop - 1 for own",
        "own.start for own",
    ),
    Mutation(
        "positions go on from one sequence to the next",
        "model/segments.py",
        "torch.arange(seen, seen + rows.stop - rows.start)",
        "torch.arange(seen + rows.start, seen + rows.stop)",
    ),
    Mutation(
        "positions restart at 0 in decode",
        "model/segments.py",
        "torch.arange(seen, seen + rows.stop - rows.start)",
        "torch.arange(rows.stop - rows.start)",
    ),
    Mutation(
        "query heads take kv heads in turn",
        "ops/attention.py",
        "    B, H, T, D = q.shape\n",
        "    B, H, T, D = q.shape\n"
        "    k, v = (x.repeat(1, H // x.shape[1], 1, 1) for x in (k, v))\n",
    ),
    Mutation("no division by sqrt(D)", "ops/attention.py", "alpha=D**-0.5", "alpha=1.0"),
    Mutation("mask sees one key too many", "ops/masks.py", "age >= 0", "age >= -1"),
    Mutation("mask hides the token itself", "ops/masks.py", "age >= 0", "(age > 0) | (k_pos == 0)"),
    Mutation("cache forgets to crop", "cache/contiguous.py", "self.n_seen = n\n", "pass\n"),
    Mutation(
        "rolling: only what survived is looked at",
        "cache/rolling.py",
        "        return view\n",
        "        return rows\n",
    ),
    Mutation(
        "rolling: the ring is one too short",
        "cache/rolling.py",
        ") % self.window",
        ") % (self.window - 1 or 1)",
    ),
    Mutation("rolling: sinks are not pinned", "cache/rolling.py", "pos if pos < n_sink else ", ""),
    Mutation(
        "rolling: crop gives back what is lost", "cache/rolling.py", "if len(lost):", "if False:"
    ),
    Mutation(
        "rolling: a dropped position stays",
        "cache/rolling.py",
        "self.pos = self.pos.masked_fill(self.pos >= n, EMPTY)",
        "pass",
    ),
    Mutation(
        "static: unwritten slots have position 0",
        "cache/static.py",
        "return KVView(self.k, self.v, self.pos)",
        "return KVView(self.k, self.v, self.pos * (self.pos < self.n_seen))",
    ),
    Mutation(
        "static: grows as needed",
        "cache/static.py",
        "        return len(self.pos)",
        "        return min(needed, len(self.pos))",
    ),
    Mutation(
        "cache file: of any model",
        "engine/cache_file.py",
        'if metadata.get("fingerprint") != fingerprint:',
        "if False:",
    ),
    Mutation(
        "cache file: positions unchecked",
        "engine/cache_file.py",
        "layer.n_seen != len(ids) or not torch.equal(",
        "False and torch.equal(",
    ),
    Mutation(
        "cache file: digests unchecked",
        "engine/cache_schema.py",
        "or known.get(name) != digest:",
        ":",
    ),
    Mutation(
        "cache file: NaN is a number",
        "engine/cache_schema.py",
        "if not tensor.isfinite().all():",
        "if False:",
    ),
    Mutation(
        "cache file: any state of the generator",
        "engine/cache_schema.py",
        "if not torch.equal(generator.get_state(), rng):",
        "if False:",
    ),
    Mutation(
        "cache file: any next token",
        "engine/cache_schema.py",
        "if not run.sampling.temperature and",
        "if False and",
    ),
    Mutation(
        "True is a whole number", "records/checks.py", "isinstance(value, bool) or not", "not"
    ),
    Mutation(
        "a long text is not looked at",
        "records/checks.py",
        "{int} and 0 <= min(given) <= max(given) <= most:",
        "{int}:",
    ),
    Mutation(
        "a small temperature overflows",
        "engine/sampling.py",
        "(logits - largest).double() / params.temperature",
        "logits / params.temperature",
    ),
    Mutation(
        "cache file: draws anew", "engine/session.py", "session.rng.set_state(saved.rng)", "pass"
    ),
    Mutation(
        "fingerprint of the config alone", "model/fingerprint.py", "in model.weights()", "in ()"
    ),
    Mutation(
        "slot map fills the gaps",
        "figures/slots.py",
        "np.where(pos < 0, np.nan, written)",
        "written",
    ),
    Mutation(
        "session forgets to crop", "engine/session.py", "self.cache.crop(min(keep, held))", "pass"
    ),
    Mutation(
        "buffers lose their rows as they grow",
        "cache/contiguous.py",
        "self.move(*grown)",
        "pass",
    ),
    Mutation(
        "RoPE turns the other way",
        "ops/rope.py",
        "torch.cat((-sin, sin), -1)",
        "torch.cat((sin, -sin), -1)",
    ),
    Mutation(
        "untied head is ignored",
        "model/transformer.py",
        "parts.tied(self.embed) if config.tied else",
        "parts.tied(self.embed) if True else",
    ),
    Mutation(
        "recording keeps what was dropped",
        "engine/feed.py",
        "recording.crop(self.start)",
        "recording",
    ),
    Mutation(
        "recorded arrays can be written",
        "records/trace.py",
        "    array.setflags(write=False)\n",
        "",
    ),
    Mutation(
        "look derives from k before RoPE",
        "study/look.py",
        "q, k, v = turned[:H, q_pos], turned[H:],",
        "q, k, v = turned[:H, q_pos], raw[H : H + Hkv],",
    ),
    Mutation(
        "cell takes kv heads in turn", "study/cell.py", "head * layer.k.shape[0] // H", "head % 2"
    ),
    Mutation(
        "a masked cell keeps its score",
        "study/cell.py",
        "mask, scores, -np.inf)",
        "mask, scores, scores)",
    ),
    Mutation(
        "bytes count K alone",
        "records/accounting.py",
        "return 2 * model.n_layers",
        "return model.n_layers",
    ),
    Mutation(
        "the rows fed count as read from the cache",
        "records/accounting.py",
        "= seen - fed",
        "= seen",
    ),
    Mutation("deleting q deletes nothing", "study/whatif/old_q.py", "width] = torch.nan", "width]"),
    Mutation(
        "every q is deleted, the newest too",
        "study/whatif/old_q.py",
        "qkv[:, :-1, :",
        "qkv[:, :, :",
    ),
    Mutation(
        "map of changes looks at q",
        "study/compare.py",
        "slice(-2 * n_kv_heads, -n_kv_heads)",
        "slice(0, n_kv_heads)",
    ),
    Mutation(
        "a gap that stays in fp64 is rounding",
        "study/compare.py",
        "SHRINKS * self.gap64 <= self.gap and",
        "",
    ),
    Mutation(
        "any gap of a run that fp64 repeats rightly is rounding",
        "study/compare.py",
        "and self.furthest.times <= ROOM",
        "",
    ),
    Mutation(
        "the last thing that is wrong is named", "study/compare.py", "beyond[0] if", "beyond[-1] if"
    ),
    Mutation(
        "the rows that a run stored are not looked at", "study/fp64.py", "if stored:", "if False:"
    ),
    Mutation(
        "V is held against K",
        "study/distance.py",
        "zip((stored.k, stored.v), exact[:2]",
        "zip((stored.k, stored.k), exact[:2]",
    ),
    Mutation(
        "rows are those of the cache, whatever it forgot",
        "cache/base.py",
        "if self.cache.n_crops == self.n_crops else None",
        "",
    ),
    Mutation(
        "rows of later steps are of this one",
        "cache/base.py",
        "own = view.pos < self.seq_len",
        "own = view.pos >= 0",
    ),
    Mutation(
        "codes are no rows",
        "cache/quantized.py",
        "return [layer.view() for layer in self.layers if isinstance(layer, QuantizedLayer)]",
        "return None",
    ),
    Mutation(
        "the first repeat's gaps are those of all", "records/laps.py", "gaps.max(0)", "gaps[0]"
    ),
    Mutation(
        "KL is taken the other way round",
        "study/quality.py",
        "np.exp(p) @ (p - q)",
        "np.exp(q) @ (q - p)",
    ),
    Mutation(
        "perplexity is of the token itself",
        "study/quality.py",
        "_compare(exact, other, ids[1:])",
        "_compare(exact, other, ids)",
    ),
    Mutation(
        "a shared block is written in place",
        "cache/blocks.py",
        "copied = partly_filled and",
        "copied = False and",
    ),
    Mutation(
        "a copied block stays empty",
        "cache/paged.py",
        "self.kv[:, :, :, copy.new] = self.kv[:, :, :, copy.old]",
        "pass",
    ),
    Mutation(
        "a block is freed while another reads it",
        "cache/blocks.py",
        "if not self.references[block]:",
        "if True:",
    ),
    Mutation(
        "a fork does not count as a reader",
        "cache/blocks.py",
        "            self.pool.share(block)\n",
        "            pass\n",
    ),
    Mutation(
        "crop keeps the blocks it emptied",
        "cache/blocks.py",
        "            self.pool.give_back(self.blocks.pop())\n",
        "            self.blocks.pop()\n",
    ),
    Mutation(
        "damage is measured on the exact cache",
        "study/damage.py",
        "make_cache(kept, ",
        "make_cache(Contiguous(), ",
    ),
    Mutation(
        "a shared block has one sequence's colour",
        "figures/blocks.py",
        "i if len(holders[block]) == 1 else len(names)",
        "i",
    ),
    Mutation(
        "a figure shows bytes saved as bytes held",
        "figures/damage.py",
        "x=[one.held_bytes",
        "x=[one.saved_bytes",
    ),
    Mutation(
        "race captures while it is timed",
        "study/race.py",
        "recording=None",
        "recording=__import__('kvcore.records.trace').trace.Recording()",
    ),
    Mutation(
        "first layer's mask serves all",
        "ops/masks.py",
        "self.k_pos is None or not self.k_pos.is_set_to(k_pos)",
        "self.k_pos is None",
    ),
    Mutation(
        "nothing is kept in fp16", "model/parts.py", "has_fbgemm() and (fast or not small)", "False"
    ),
    Mutation("exact models are rounded", "model/parts.py", "fits and is_fp16(matrix)", "fits"),
    Mutation(
        "fp16 sums are long",
        "ops/products.py",
        "tensor_split(2, 1) if precise",
        "tensor_split(1, 1) if precise",
    ),
    Mutation("fast looks rows up unrounded", "model/parts.py", "table.half() if", "table if"),
    Mutation("fp16 has no end", "model/parts.py", "largest <= FP16_MAX", "True"),
    Mutation("NaN is a number", "model/parts.py", "largest <= FP16_MAX", "not largest > FP16_MAX"),
    Mutation("infinity is an fp16 number", "model/parts.py", "fits and is_fp16", "is_fp16"),
    Mutation(
        "the checkpoint stays in memory", "model/parts.py", "        self._weights = {}\n", ""
    ),
    Mutation(
        "down is not precise",
        "model/transformer.py",
        "bias=config.mlp_bias, precise=True",
        "bias=config.mlp_bias",
    ),
    Mutation(
        "a tied head is not fast",
        "model/parts.py",
        "Linear(Fp16Weights(embedding.weight, precise=not self._fast))",
        "self._in_slices(embedding.weight)",
    ),
    Mutation(
        "GGUF is always fp32",
        "checkpoint/gguf_write.py",
        "dtype if rows.ndim == 2 else",
        "np.float32 if True else",
    ),
    Mutation(
        "down is as precise as the others",
        "ops/products.py",
        "torch.float32 and not precise",
        "torch.float32",
    ),
    Mutation("columns of rows that lie apart", "ops/products.py", "x.contiguous().as_", "x.as_"),
    Mutation(
        "one row is normed without its weight",
        "model/transformer.py",
        "ZERO, x, weight,",
        "ZERO, x, ZERO + 1,",
    ),
    Mutation("counting threads cross", "study/counting.py", "with ONE_AT_A_TIME, ", "with "),
    Mutation(
        "a norm leaves the range of fp16",
        "model/transformer.py",
        "F.rms_norm(x, (C,), None, eps)",
        "(x * ((x * x).sum(-1, keepdim=True) / C + eps).rsqrt())",
    ),
    Mutation(
        "what others run is counted",
        "study/counting.py",
        "if threading.get_ident() == ours:",
        "if True:",
    ),
    Mutation("counting has no end", "study/counting.py", "setattr(owner, part, plain)", "pass"),
    Mutation(
        "placed tensors lie on each other",
        "ops/memory.py",
        "self._used += n_bytes",
        "self._used += n_bytes // 2",
    ),
    Mutation(
        "nobody asks for huge pages", "ops/memory.py", "pages.madvise(mmap.MADV_HUGEPAGE)", "pass"
    ),
    Mutation("freed memory goes back", "model/parts.py", "        keep_freed_memory()\n", ""),
    Mutation(
        "some products are not counted",
        "study/counting.py",
        "2 * math.prod(x) * out_shape[-1]",
        "0",
    ),
    Mutation(
        "a mask that hides is left out",
        "ops/masks.py",
        "None if mask.all() else",
        "None if mask.any() else",
    ),
    Mutation("rotation is always fp32", "ops/rope.py", "angle.cos().to(dtype)", "angle.cos()"),
    Mutation("all types are fp32", "checkpoint/stored.py", "to(self._dtype)", "float()"),
    Mutation(
        "a head that differs is left out",
        "checkpoint/weights.py",
        "not torch.equal(table, head)",
        "0",
    ),
    Mutation("stored angles are taken on trust", "checkpoint/buffers.py", "wrong.any()", "False"),
    Mutation(
        "only the first row of stored angles counts",
        "checkpoint/buffers.py",
        "~((rows",
        "~((rows[:1]",
    ),
    Mutation(
        "a stored mask is taken on trust",
        "checkpoint/buffers.py",
        "not torch.equal(",
        "False and (",
    ),
    Mutation(
        "a mild hidden score passes",
        "checkpoint/buffers.py",
        "not (stored <= HIDDEN)",
        "(stored > 1)",
    ),
    Mutation(
        "a model that sees both ways is taken",
        "checkpoint/hf_families.py",
        '"is_causal": (True,)',
        '"no": ()',
    ),
    Mutation(
        "SmolLM3's list waits for its switch",
        "checkpoint/hf_config.py",
        "switched_on or (without_rope and kinds is not None)",
        "switched_on",
    ),
    Mutation(
        "part of a head is turned where positions are scaled",
        "checkpoint/hf_config.py",
        'kind != "default" and inner',
        "False and inner",
    ),
    Mutation(
        "rows beyond vocab_size are cut",
        "checkpoint/weights.py",
        "vocab_size=rows[0]",
        "tied=False",
    ),
    Mutation(
        "every layer sees as far as the first",
        "model/segments.py",
        "alike[rules[window]] for",
        "alike[rules[windows[0]]] for",
    ),
    Mutation("look takes the widest rule", "study/look.py", "step.rule(layer)", "step.visibility"),
    Mutation(
        "rolling keeps the narrowest", "records/config.py", "return max(known)", "return min(known)"
    ),
    Mutation(
        "written GGUF keeps Hugging Face's order",
        "checkpoint/gguf_write.py",
        "if part in heads",
        "if False",
    ),
    Mutation(
        "fast mode has no damage",
        "bench/table.py",
        "fast.engine.session(",
        "exact.engine.session(",
    ),
    Mutation(
        "slices lie one after the other",
        "ops/products.py",
        "self.cut.mT).transpose(0, 1)",
        "self.cut.mT)",
    ),
    Mutation("rows land in columns", "ops/products.py", ".t().contiguous()", ".view(rows, -1)"),
    Mutation(
        "bias is dropped", "ops/linear.py", "self.bias is None else y + self.bias", "True else y"
    ),
    Mutation(
        "output bias is dropped",
        "model/transformer.py",
        'o_proj", bias=config.out_bias',
        'o_proj", bias=False',
    ),
    Mutation(
        "k is normed with the weight of q",
        "model/transformer.py",
        "[q] * config.n_heads + [k] * config.n_kv_heads",
        "[q] * (config.n_heads + config.n_kv_heads)",
    ),
    Mutation(
        "q and k are normed after RoPE",
        "model/transformer.py",
        """qk.copy_(rms_norm(qk, self.qk_norm, self.config.norm_eps))  # in qkv, made just now
        turned = apply_rope(qk, turn)""",
        """pass
        turned = apply_rope(qk, turn)
        if self.qk_norm is not None:
            turned = rms_norm(turned, self.qk_norm, self.config.norm_eps)
        turned = turned""",
    ),
    Mutation(
        "layers without RoPE are turned",
        "model/transformer.py",
        "None if i in self.config.nope_layers else turn",
        "turn",
    ),
    Mutation("look turns layers without RoPE", "study/look.py", "None if plain else", ""),
    Mutation(
        "list of RoPE layers read upside down",
        "checkpoint/hf_config.py",
        "if not turns",
        "if turns",
    ),
    Mutation("Llama 3 scaling is ignored", "ops/rope.py", "plain * (kept +", "plain + 0 * (kept +"),
    Mutation(
        "Llama 3 scaling has no middle", "ops/rope.py", ".clamp(0, 1)", ".clamp(0, 1).round()"
    ),
    Mutation("linear scaling multiplies", "ops/rope.py", "plain / factor", "plain * factor"),
    Mutation(
        "window sees one key too many", "ops/masks.py", "age < rule.window", "age <= rule.window"
    ),
    Mutation("window hides the sinks", "ops/masks.py", " | (k_pos < rule.n_sink)", ""),
    Mutation(
        "a run sees past the model's window",
        "model/segments.py",
        "window: segment.rule.within(window)",
        "window: segment.rule",
    ),
    Mutation(
        "a batch sees past the model's window",
        "model/segments.py",
        "visible(segment.rule.within(window)",
        "visible(segment.rule",
    ),
    Mutation("a wide window widens", "records/config.py", "mine <= window", "True"),
    Mutation(
        "a step names the rule that was asked for",
        "engine/feed.py",
        "visibility=self.visibility.within(model.reach)",
        "visibility=self.visibility",
    ),
    Mutation(
        "a wrong position is turned from 0",
        "study/whatif/layers.py",
        "_turned(pos, at - pos, model, layer)",
        "_turned(pos, at, model, layer)",
    ),
    Mutation(
        "a lost key loses its value",
        "study/whatif/layers.py",
        "k=_with_zeros(view.k, view.pos == pos)",
        "v=_with_zeros(view.v, view.pos == pos)",
    ),
    Mutation(
        "the wrong corner is the right one",
        "study/whatif/layers.py",
        "view.pos + (len(view.pos) - fed)",
        "view.pos",
    ),
    Mutation(
        "a fault writes in the cache it reads",
        "study/whatif/layers.py",
        "rows.masked_fill(",
        "rows.masked_fill_(",
    ),
    Mutation(
        "a key is turned on in every step",
        "study/whatif/layers.py",
        "view.k.clone(), view.pos == pos",
        "view.k, view.pos == pos",
    ),
    Mutation("a layer without RoPE turns its keys", "study/whatif/layers.py", " not in", " is not"),
    Mutation(
        "the stale row is the new one",
        "study/whatif/run.py",
        "spec.old_id]",
        "ids[spec.pos]]",
    ),
    Mutation(
        "the wrong run follows its own choices",
        "study/whatif/run.py",
        "fed=right.logits.argmax(1).tolist()",
        "fed=None",
    ),
    Mutation(
        "the map compares a run with itself",
        "study/whatif/run.py",
        "zip(right.layers, wrong.layers, strict=True)",
        "zip(right.layers, right.layers, strict=True)",
    ),
    Mutation(
        "the figure shows V as K",
        "figures/whatif.py",
        "(result.change.k, result.change.v)",
        "(result.change.v, result.change.v)",
    ),
    Mutation(
        "gaps stand one token too far left",
        "figures/whatif.py",
        "len(result.prompt_ids) - 1",
        "len(result.prompt_ids) - 2",
    ),
    Mutation(
        "a group becomes codes one token early",
        "records/cache_specs.py",
        "max(0, seen - self.residual) // self.group",
        "max(0, seen + 1 - self.residual) // self.group",
    ),
    Mutation(
        "V shares a scale over tokens as K does",
        "cache/quantized.py",
        "else -1), (v, -1))",
        "else -1), (v, -2))",
    ),
    Mutation(
        "an update may cross a group",
        "cache/quantized.py",
        "return min(n, self.spec.until_next_group(self.seq_len))",
        "return n",
    ),
    Mutation(
        "codes are cropped as if they were rows",
        "cache/quantized.py",
        "if n and self.spec.n_coded(n + 1) < self.n_coded:",
        "if False:",
    ),
    Mutation("4 bits reach only half the codes", "ops/quantize.py", "(2**bits - 1)", "(2**bits)"),
]


def copy_tree(to: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "kvcore", to / "kvcore", ignore=ignore)
    (to / "assets").symlink_to(ROOT / "assets")
    (to / "tests" / "engine").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", to)
    for name in (*HELPERS, *(f"test_{suite}" for suite in SUITES)):
        shutil.copy(ROOT / "tests" / "engine" / f"{name}.py", to / "tests" / "engine")


def nearest_first(file: str) -> list[str]:
    """The test files, those first that name the module `file` most often."""
    tests = [f"tests/engine/test_{suite}.py" for suite in SUITES]
    word = re.compile(rf"\b{Path(file).stem}\b")
    return sorted(tests, key=lambda test: -len(word.findall((ROOT / test).read_text())))


def failures(mutation: Mutation | None, *, first: bool = False) -> Counter[str]:
    """Failing tests by suite, with the mutation made: all, or no more than the first."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        copy_tree(tree)
        if mutation:
            path = tree / "kvcore" / mutation.file
            source = path.read_text()
            if source.count(mutation.old) != 1:
                sys.exit(
                    f"{mutation.file} holds {mutation.old!r} {source.count(mutation.old)} times"
                )
            path.write_text(source.replace(mutation.old, mutation.new))
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--tb=no",
            "-rfE",
            "-p",
            "no:cacheprovider",
            *(["-x", *nearest_first(mutation.file)] if first and mutation else []),
        ]
        one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}  # tiny models gain nothing from more
        ran = subprocess.run(
            command, cwd=tree, env=one_thread, capture_output=True, text=True, check=False
        )
        found = Counter(re.findall(r"^(?:FAILED|ERROR) \S*?test_(\w+)\.py", ran.stdout, re.M))
        unimportable = ran.returncode == 2 and found  # pytest stops at a file that it cannot import
        if ran.returncode not in (0, 1) and not unimportable:
            sys.exit(ran.stdout + ran.stderr)
        return found


def row(name: str, cells: list[object]) -> str:
    return f"{name:38}" + "".join(
        f"{cell:>{len(suite) + 2}}" for cell, suite in zip(cells, SUITES, strict=True)
    )


def main() -> int:
    first = "--first" in sys.argv[1:]
    if broken := failures(None):
        sys.exit(f"tests fail without any mutation: {dict(broken)}")
    print(row("failing tests by file", list(SUITES)))
    survived = 0
    for mutation in MUTATIONS:
        found = failures(mutation, first=first)
        survived += not found
        print(row(mutation.name, [found[suite] or "-" for suite in SUITES]), flush=True)
    print(f"\n{len(MUTATIONS) - survived} of {len(MUTATIONS)} mutations noticed")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
