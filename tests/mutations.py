"""Break the engine on purpose, one way at a time, and show which tests notice.

Not collected by pytest; run it as `python -m tests.mutations`. Each mutation is made in a temporary
copy of the tree. The table counts failing tests by file; a mutation that none notices makes the
exit code 1. With `--first` each run begins with the tests that speak most of the broken file and
ends at the first that fails: minutes instead of hours, but the table shows only who noticed first.
Names of mutations make these alone. Each names a function, wherever that stands: see breaking.py.
Compare the columns: cached against recomputed is blind to what both share, which is why there is an
oracle that shares no code.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.breaking import ROOT, Mutation

TESTS = "tests/kvcore"
SUITES = {  # by their rooms and names: the files of tests
    str(path.relative_to(ROOT / TESTS).with_name(path.stem.removeprefix("test_"))): path
    for path in sorted((ROOT / TESTS).rglob("test_*.py"))
}


MUTATIONS = [
    Mutation(
        "added tokens are read as byte symbols",
        "Vocabulary.__init__",
        "{i: text for i, text in texts.items() if i not in self._two_meanings}",
        "{}",
    ),
    Mutation(
        "a byte that makes no character stays one",
        "Vocabulary._contents",
        "if i in self._two_meanings and broken &",
        "if False and broken &",
    ),
    Mutation(
        "the tokenizer's first space is shown",
        "Vocabulary.__init__",
        'self.adds_space = self._spelt([first]).startswith(" ")',
        "self.adds_space = False",
    ),
    Mutation(
        "ignorable characters are shown as such",
        "kvcore.text.labels",
        r"\p{Default_Ignorable_Code_Point}",
        "",
    ),
    Mutation(
        "blank characters are shown as such", "kvcore.text.labels", ' + _BLANK + "]"', ' + "]"'
    ),
    Mutation(
        "a long prompt is fed at once",
        "shares",
        "given[i] = min(wants[i], max(1, tokens // (len(wants) - served)))",
        "given[i] = wants[i]",
    ),
    Mutation(
        "one session a forward",
        "gather",
        "if len(chosen) == most:",
        "if chosen:",
    ),
    Mutation(
        "cancelling keeps the cache",
        "Scheduler.cancel",
        "            session.clear()\n",
        "",
    ),
    Mutation(
        "a given-up feed counts as the text",
        "Session._feed",
        "held = min(self._kept, self.cache.seq_len)",
        "held = self.cache.seq_len",
    ),
    Mutation(
        "a failed forward is not rolled back",
        "batching.advance",
        "work.feed.roll_back()",
        "pass",
    ),
    Mutation(
        "a forward is taken back by what its last layer has",
        "Feed.roll_back",
        "min(fed, self.cache.seq_len)",
        "self.cache.seq_len",
    ),
    Mutation(
        "an error stops the thread",
        "Scheduler._do_piece",
        "except BaseException as error:",
        "except ZeroDivisionError as error:",
    ),
    Mutation(
        "jobs go first as long as there are any",
        "Scheduler._serve",
        "job_next = bool(self._jobs) and (job_next or not self._works)",
        "job_next = bool(self._jobs)",
    ),
    Mutation(
        "every sequence uses the first one's cache",
        "Attention.forward",
        "group.update(layer,",
        "groups[0].update(layer,",
    ),
    Mutation(
        "a sequence's queries are its neighbour's",
        "Attention.forward",
        "attend(group.of(q),",
        "attend((groups[0] if len(group.pos) == 1 == len(groups[0].pos) else group).of(q),",
    ),
    Mutation(
        "a batch is as visible to all as to its longest",
        "BatchedGroup._mask",
        "self.pos[i : i + 1], self.cache.k_pos",
        "self.pos.max()[None], self.cache.k_pos",
    ),
    Mutation(
        "a batch's keys are written where the longest ends",
        "BatchedCache.__init__",
        "+ self.pos[:, None]).view(-1)",
        "+ self.pos.max()).view(-1)",
    ),
    Mutation(
        "a batch is read from its first slot",
        "BatchedCache.update",
        "KVView(keys[self.lying, :, seen],",
        "KVView(keys[: len(self.pos), :, seen],",
    ),
    Mutation(
        "who is not fed does not divide a batch",
        "BatchSlot.is_before",
        "other.index == self.index + 1",
        "other.index > self.index",
    ),
    Mutation(
        "a state of a batch reaches as far as its longest",
        "BatchedGroup.record",
        "slice(pos + 1)",
        "slice(None)",
    ),
    Mutation(
        "moving into a batch leaves the values behind",
        "ContiguousLayer.move",
        "= held.k, held.v",
        "= held.k, 0",
    ),
    Mutation(
        "what is left of a batch stays in it",
        "_are_a_batch",
        "first.index or first.batch.n_slots != len(slots)",
        "False",
    ),
    Mutation(
        "the scheduler puts nothing together",
        "Scheduler._again",
        "return single if again else []",
        "return []",
    ),
    Mutation(
        "a cohort must meet in every forward",
        "Scheduler._again",
        "self._cohort.get(work.session) == cohort",
        "list(self._cohort.values()) == [cohort] * len(self._cohort)",
    ),
    Mutation(
        "a batch is as long as its longest",
        "merge_into_batch",
        "alike[_capacity(layers[0]), kind]",
        "alike[kind]",
    ),
    Mutation(
        "a batch writes the row of another head",
        "BatchedCache.__init__",
        "slots * first.batch.n_kv_heads +",
        "slots +",
    ),
    Mutation(
        "who comes later finds no slot",
        "_are_a_batch",
        "return all(a and b and a.is_before(b)",
        "return all(not b or (a and a.is_before(b))",
    ),
    Mutation(
        "one core for ever", "cores_for.__exit__", "torch.set_num_threads(self._threads)", "pass"
    ),
    Mutation(
        "logits of each sequence's first token",
        "Transformer.in_layers",
        "own.stop - 1 for own",
        "own.start for own",
    ),
    Mutation(
        "positions go on from one sequence to the next",
        "SingleGroup.__init__",
        "torch.arange(seen, seen + rows.stop - rows.start)",
        "torch.arange(seen + rows.start, seen + rows.stop)",
    ),
    Mutation(
        "positions restart at 0 in decode",
        "SingleGroup.__init__",
        "torch.arange(seen, seen + rows.stop - rows.start)",
        "torch.arange(rows.stop - rows.start)",
    ),
    Mutation(
        "query heads take kv heads in turn",
        "attend",
        "    B, H, T, D = q.shape\n",
        "    B, H, T, D = q.shape\n"
        "    k, v = (x.repeat(1, H // x.shape[1], 1, 1) for x in (k, v))\n",
    ),
    Mutation("no division by sqrt(D)", "attend", "alpha=D**-0.5", "alpha=1.0"),
    Mutation("mask sees one key too many", "visible", "age >= 0", "age >= -1"),
    Mutation("mask hides the token itself", "visible", "age >= 0", "(age > 0) | (k_pos == 0)"),
    Mutation("cache forgets to crop", "ContiguousLayer.crop", "self.n_seen = n\n", "pass\n"),
    Mutation(
        "rolling: only what survived is looked at",
        "RollingLayer.update",
        "        return view\n",
        "        return rows\n",
    ),
    Mutation(
        "rolling: the ring is one too short",
        "RollingLayer._slot",
        ") % self.window",
        ") % (self.window - 1 or 1)",
    ),
    Mutation(
        "rolling: sinks are not pinned", "RollingLayer._slot", "pos if pos < n_sink else ", ""
    ),
    Mutation(
        "rolling: crop gives back what is lost", "RollingLayer.crop", "if len(lost):", "if False:"
    ),
    Mutation(
        "rolling: a dropped position stays",
        "RollingLayer.crop",
        "self.pos = self.pos.masked_fill(self.pos >= n, EMPTY)",
        "pass",
    ),
    Mutation(
        "static: unwritten slots have position 0",
        "StaticLayer.update",
        "return KVView(self.k, self.v, self.pos)",
        "return KVView(self.k, self.v, self.pos * (self.pos < self.n_seen))",
    ),
    Mutation(
        "static: grows as needed",
        "StaticLayer._capacity",
        "        return len(self.pos)",
        "        return min(needed, len(self.pos))",
    ),
    Mutation(
        "cache file: of any model",
        "read",
        'if metadata.get("fingerprint") != fingerprint:',
        "if False:",
    ),
    Mutation(
        "cache file: positions unchecked",
        "_restored",
        "layer.n_seen != len(ids) or not torch.equal(",
        "False and torch.equal(",
    ),
    Mutation(
        "cache file: digests unchecked",
        "_check_digest",
        "or known.get(name) != digest:",
        ":",
    ),
    Mutation(
        "cache file: NaN is a number",
        "_check_tensor",
        "if not tensor.isfinite().all():",
        "if False:",
    ),
    Mutation(
        "cache file: any state of the generator",
        "_check_rng",
        "if not torch.equal(generator.get_state(), rng):",
        "if False:",
    ),
    Mutation(
        "cache file: any next token",
        "check_step",
        "if not run.sampling.temperature and",
        "if False and",
    ),
    Mutation("True is a whole number", "checks.whole", "isinstance(value, bool) or not", "not"),
    Mutation(
        "a long text is not looked at",
        "whole_numbers",
        "{int} and 0 <= min(given) <= max(given) <= most:",
        "{int}:",
    ),
    Mutation(
        "a small temperature overflows",
        "sample",
        "(logits - largest).double() / params.temperature",
        "logits / params.temperature",
    ),
    Mutation(
        "cache file: draws anew", "Session.resumed", "session.rng.set_state(saved.rng)", "pass"
    ),
    Mutation(
        "fingerprint of the config alone", "fingerprint.fingerprint", "in model.weights()", "in ()"
    ),
    Mutation(
        "slot map fills the gaps",
        "slot_map",
        "np.where(pos < 0, np.nan, written)",
        "written",
    ),
    Mutation(
        "session forgets to crop", "Session._feed", "self.cache.crop(min(keep, held))", "pass"
    ),
    Mutation(
        "buffers lose their rows as they grow",
        "ContiguousLayer._grown",
        "self.move(*grown)",
        "pass",
    ),
    Mutation(
        "RoPE turns the other way",
        "rotation",
        "torch.cat((-sin, sin), -1)",
        "torch.cat((sin, -sin), -1)",
    ),
    Mutation(
        "untied head is ignored",
        "Transformer.__init__",
        "reader.tied(self.embed) if config.tied else",
        "reader.tied(self.embed) if True else",
    ),
    Mutation(
        "recording keeps what was dropped",
        "Feed.__init__",
        "recording.crop(self.start)",
        "recording",
    ),
    Mutation(
        "recorded arrays can be written",
        "locked",
        "    array.setflags(write=False)\n",
        "",
    ),
    Mutation(
        "look derives from k before RoPE",
        "look.look",
        "q, k, v = turned[:H, q_pos], turned[H:],",
        "q, k, v = turned[:H, q_pos], raw[H : H + Hkv],",
    ),
    Mutation(
        "cell takes kv heads in turn", "cell.cell", "head * layer.k.shape[0] // H", "head % 2"
    ),
    Mutation(
        "a masked cell keeps its score",
        "cell.cell",
        "mask, scores, -np.inf)",
        "mask, scores, scores)",
    ),
    Mutation(
        "bytes count K alone",
        "ModelConfig.kv_numbers_per_token",
        "return 2 * self.n_layers",
        "return self.n_layers",
    ),
    Mutation(
        "the rows fed count as read from the cache",
        "CacheSpec.tokens_read",
        "return seen - fed",
        "return seen",
    ),
    Mutation("deleting q deletes nothing", "_NaNForOldQ.__call__", "width] = torch.nan", "width]"),
    Mutation(
        "every q is deleted, the newest too",
        "_NaNForOldQ.__call__",
        "qkv[:, :-1, :",
        "qkv[:, :, :",
    ),
    Mutation(
        "map of changes looks at q",
        "changed_rows",
        "slice(-2 * n_kv_heads, -n_kv_heads)",
        "slice(0, n_kv_heads)",
    ),
    Mutation(
        "a gap that stays in fp64 is rounding",
        "Verdict.equal",
        "SHRINKS * self.gap64 <= self.gap and",
        "",
    ),
    Mutation(
        "any gap of a run that fp64 repeats rightly is rounding",
        "Verdict.equal",
        "and self.furthest.times <= ROOM",
        "",
    ),
    Mutation("the last thing that is wrong is named", "_worst", "beyond[0] if", "beyond[-1] if"),
    Mutation("the rows that a run stored are not looked at", "replayed", "if stored:", "if False:"),
    Mutation(
        "V is held against K",
        "furthest_row",
        "zip((stored.k, stored.v), exact[:2]",
        "zip((stored.k, stored.k), exact[:2]",
    ),
    Mutation(
        "rows are those of the cache, whatever it forgot",
        "StepRows.copied",
        "if self.cache.n_crops == self.n_crops else None",
        "",
    ),
    Mutation(
        "rows of later steps are of this one",
        "StepRows._copy",
        "own = view.pos < self.seq_len",
        "own = view.pos >= 0",
    ),
    Mutation(
        "codes are no rows",
        "QuantizedCache.views",
        "return [layer.view() for layer in self.layers if isinstance(layer, QuantizedLayer)]",
        "return None",
    ),
    Mutation("the first repeat's gaps are those of all", "RaceResult.of", "gaps.max(0)", "gaps[0]"),
    Mutation(
        "KL is taken the other way round",
        "quality._compare",
        "np.exp(p) @ (p - q)",
        "np.exp(q) @ (q - p)",
    ),
    Mutation(
        "perplexity is of the token itself",
        "quality.quality",
        "_compare(exact, other, ids[1:])",
        "_compare(exact, other, ids)",
    ),
    Mutation(
        "a shared block is written in place",
        "BlockTable.extend",
        "copied = partly_filled and",
        "copied = False and",
    ),
    Mutation(
        "a copied block stays empty",
        "PagedPool.reserve",
        "self.kv[:, :, :, copy.new] = self.kv[:, :, :, copy.old]",
        "pass",
    ),
    Mutation(
        "a block is freed while another reads it",
        "BlockPool.give_back",
        "if not self.references[block]:",
        "if True:",
    ),
    Mutation(
        "a fork does not count as a reader",
        "BlockTable.fork",
        "            self.pool.share(block)\n",
        "            pass\n",
    ),
    Mutation(
        "crop keeps the blocks it emptied",
        "BlockTable.crop",
        "            self.pool.give_back(self.blocks.pop())\n",
        "            self.blocks.pop()\n",
    ),
    Mutation(
        "damage is measured on the exact cache",
        "damage.damage",
        "make_cache(kept, ",
        "make_cache(Contiguous(), ",
    ),
    Mutation(
        "a shared block has one sequence's colour",
        "block_map",
        "i if len(holders[block]) == 1 else len(names)",
        "i",
    ),
    Mutation(
        "a figure shows bytes saved as bytes held",
        "damage_map",
        "x=[one.held_bytes",
        "x=[one.saved_bytes",
    ),
    Mutation(
        "race captures while it is timed",
        "_step",
        "recording=None",
        "recording=__import__('kvcore.records.trace').trace.Recording()",
    ),
    Mutation(
        "first layer's mask serves all",
        "Masks.over",
        "self.k_pos is None or not self.k_pos.is_set_to(k_pos)",
        "self.k_pos is None",
    ),
    Mutation(
        "nothing is kept in fp16",
        "WeightReader.__init__",
        "has_fbgemm() and (fast or not small)",
        "False",
    ),
    Mutation(
        "exact models are rounded", "WeightReader._in_fp16", "fits and is_fp16(matrix)", "fits"
    ),
    Mutation(
        "fp16 sums are long",
        "Fp16Weights.__init__",
        "tensor_split(2, 1) if precise",
        "tensor_split(1, 1) if precise",
    ),
    Mutation(
        "fast looks rows up unrounded", "WeightReader.embedding", "table.half() if", "table if"
    ),
    Mutation("fp16 has no end", "WeightReader._in_fp16", "largest <= FP16_MAX", "True"),
    Mutation(
        "NaN is a number", "WeightReader._in_fp16", "largest <= FP16_MAX", "not largest > FP16_MAX"
    ),
    Mutation("infinity is an fp16 number", "WeightReader._in_fp16", "fits and is_fp16", "is_fp16"),
    Mutation(
        "the checkpoint stays in memory", "WeightReader.choose", "        self._weights = {}\n", ""
    ),
    Mutation(
        "down is not precise",
        "MLP.__init__",
        "bias=config.mlp_bias, precise=True",
        "bias=config.mlp_bias",
    ),
    Mutation(
        "a tied head is not fast",
        "WeightReader.tied",
        "Linear(Fp16Weights(embedding.weight, precise=not self._fast))",
        "self._in_slices(embedding.weight)",
    ),
    Mutation(
        "GGUF is always fp32",
        "write_gguf",
        "dtype if rows.ndim == 2 else",
        "np.float32 if True else",
    ),
    Mutation(
        "down is as precise as the others",
        "Sliced.__init__",
        "torch.float32 and not precise",
        "torch.float32",
    ),
    Mutation("columns of rows that lie apart", "Sliced.__call__", "x.contiguous().as_", "x.as_"),
    Mutation(
        "one row is normed without its weight",
        "rms_norm",
        "ZERO, x, weight,",
        "ZERO, x, ZERO + 1,",
    ),
    Mutation("counting threads cross", "counting.counting", "with ONE_AT_A_TIME, ", "with "),
    Mutation(
        "a norm leaves the range of fp16",
        "rms_norm",
        "F.rms_norm(x, (C,), None, eps)",
        "(x * ((x * x).sum(-1, keepdim=True) / C + eps).rsqrt())",
    ),
    Mutation(
        "what others run is counted",
        "_watched.noting",
        "if threading.get_ident() == ours:",
        "if True:",
    ),
    Mutation("counting has no end", "_watched", "setattr(owner, part, plain)", "pass"),
    Mutation(
        "placed tensors lie on each other",
        "Arena.place",
        "self._used += n_bytes",
        "self._used += n_bytes // 2",
    ),
    Mutation("nobody asks for huge pages", "_pages", "pages.madvise(mmap.MADV_HUGEPAGE)", "pass"),
    Mutation("freed memory goes back", "WeightReader.choose", "        keep_freed_memory()\n", ""),
    Mutation(
        "some products are not counted",
        "_product",
        "2 * math.prod(x) * out_shape[-1]",
        "0",
    ),
    Mutation(
        "a mask that hides is left out",
        "hiding",
        "None if mask.all() else",
        "None if mask.any() else",
    ),
    Mutation("rotation is always fp32", "rotation", "angle.cos().to(dtype)", "angle.cos()"),
    Mutation("all types are fp32", "StoredTensors.__getitem__", "to(self._dtype)", "float()"),
    Mutation(
        "a head that differs is left out",
        "_as_stored",
        "not torch.equal(table, head)",
        "0",
    ),
    Mutation("stored angles are taken on trust", "_check_angles", "wrong.any()", "False"),
    Mutation(
        "only the first row of stored angles counts",
        "_check_angles",
        "~((rows",
        "~((rows[:1]",
    ),
    Mutation(
        "a stored mask is taken on trust",
        "_check_causal",
        "not torch.equal(",
        "False and (",
    ),
    Mutation(
        "a mild hidden score passes",
        "_check_hidden",
        "not (stored <= HIDDEN)",
        "(stored > 1)",
    ),
    Mutation(
        "a model that sees both ways is taken",
        "kvcore.checkpoint.hf_families",
        '"is_causal": (True,)',
        '"no": ()',
    ),
    Mutation(
        "SmolLM3's list waits for its switch",
        "_windows",
        "switched_on or (without_rope and kinds is not None)",
        "switched_on",
    ),
    Mutation(
        "part of a head is turned where positions are scaled",
        "_rope",
        'kind != "default" and inner',
        "False and inner",
    ),
    Mutation(
        "rows beyond vocab_size are cut",
        "_as_stored",
        "vocab_size=rows[0]",
        "tied=False",
    ),
    Mutation(
        "every layer sees as far as the first",
        "SingleGroup.__init__",
        "alike[rules[window]] for",
        "alike[rules[windows[0]]] for",
    ),
    Mutation("look takes the widest rule", "look.look", "step.rule(layer)", "step.visibility"),
    Mutation(
        "rolling keeps the narrowest", "ModelConfig.reach", "return max(known)", "return min(known)"
    ),
    Mutation(
        "written GGUF keeps Hugging Face's order",
        "write_gguf",
        "if part in heads",
        "if False",
    ),
    Mutation(
        "fast mode has no damage",
        "_damage",
        "fast.engine.session(",
        "exact.engine.session(",
    ),
    Mutation(
        "slices lie one after the other",
        "Sliced.__call__",
        "self.cut.mT).transpose(0, 1)",
        "self.cut.mT)",
    ),
    Mutation("rows land in columns", "Sliced.__call__", ".t().contiguous()", ".view(rows, -1)"),
    Mutation(
        "bias is dropped", "Linear.__call__", "self.bias is None else y + self.bias", "True else y"
    ),
    Mutation(
        "output bias is dropped",
        "Attention.__init__",
        'o_proj", bias=config.out_bias',
        'o_proj", bias=False',
    ),
    Mutation(
        "k is normed with the weight of q",
        "Attention.__init__",
        "[q] * config.n_heads + [k] * config.n_kv_heads",
        "[q] * (config.n_heads + config.n_kv_heads)",
    ),
    Mutation(
        "q and k are normed after RoPE",
        "Attention.forward",
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
        "Transformer.in_layers",
        "None if i in self.config.nope_layers else turn",
        "turn",
    ),
    Mutation("look turns layers without RoPE", "look.look", "None if plain else", ""),
    Mutation(
        "list of RoPE layers read upside down",
        "_nope_layers",
        "if not turns",
        "if turns",
    ),
    Mutation("Llama 3 scaling is ignored", "frequencies", "plain * (kept +", "plain + 0 * (kept +"),
    Mutation(
        "Llama 3 scaling has no middle", "frequencies", ".clamp(0, 1)", ".clamp(0, 1).round()"
    ),
    Mutation("linear scaling multiplies", "frequencies", "plain / factor", "plain * factor"),
    Mutation("window sees one key too many", "visible", "age < rule.window", "age <= rule.window"),
    Mutation("window hides the sinks", "visible", " | (k_pos < rule.n_sink)", ""),
    Mutation(
        "a run sees past the model's window",
        "SingleGroup.__init__",
        "window: segment.rule.within(window)",
        "window: segment.rule",
    ),
    Mutation(
        "a batch sees past the model's window",
        "BatchedGroup._mask",
        "visible(segment.rule.within(window)",
        "visible(segment.rule",
    ),
    Mutation("a wide window widens", "Visibility.within", "mine <= window", "True"),
    Mutation(
        "a step names the rule that was asked for",
        "Feed.step",
        "visibility=self.visibility.within(model.reach)",
        "visibility=self.visibility",
    ),
    Mutation(
        "a wrong position is turned from 0",
        "_fault",
        "_turned(pos, at - pos, model, layer)",
        "_turned(pos, at, model, layer)",
    ),
    Mutation(
        "a lost key loses its value",
        "_fault",
        "k=_with_zeros(view.k, view.pos == pos)",
        "v=_with_zeros(view.v, view.pos == pos)",
    ),
    Mutation(
        "the wrong corner is the right one",
        "_fault",
        "view.pos + (len(view.pos) - fed)",
        "view.pos",
    ),
    Mutation(
        "a fault writes in the cache it reads",
        "_with_zeros",
        "rows.masked_fill(",
        "rows.masked_fill_(",
    ),
    Mutation(
        "a key is turned on in every step",
        "_turned.fault",
        "view.k.clone(), view.pos == pos",
        "view.k, view.pos == pos",
    ),
    Mutation("a layer without RoPE turns its keys", "_turned", " not in", " is not"),
    Mutation(
        "the stale row is the new one",
        "run._run",
        "spec.old_id]",
        "ids[spec.pos]]",
    ),
    Mutation(
        "the wrong run follows its own choices",
        "run.what_if",
        "fed=right.logits.argmax(1).tolist()",
        "fed=None",
    ),
    Mutation(
        "the map compares a run with itself",
        "_changed",
        "zip(right.layers, wrong.layers, strict=True)",
        "zip(right.layers, right.layers, strict=True)",
    ),
    Mutation(
        "the figure shows V as K",
        "whatif.what_if",
        "(result.change.k, result.change.v)",
        "(result.change.v, result.change.v)",
    ),
    Mutation(
        "gaps stand one token too far left",
        "whatif.what_if",
        "len(result.prompt_ids) - 1",
        "len(result.prompt_ids) - 2",
    ),
    Mutation(
        "a group becomes codes one token early",
        "Quantized.n_coded",
        "max(0, seen - self.residual) // self.group",
        "max(0, seen + 1 - self.residual) // self.group",
    ),
    Mutation(
        "V shares a scale over tokens as K does",
        "QuantizedLayer._code",
        "else -1), (v, -1))",
        "else -1), (v, -2))",
    ),
    Mutation(
        "an update may cross a group",
        "QuantizedCache.at_once",
        "return min(n, self.spec.until_next_group(self.seq_len))",
        "return n",
    ),
    Mutation(
        "codes are cropped as if they were rows",
        "QuantizedLayer.crop",
        "if n and self.spec.n_coded(n + 1) < self.n_coded:",
        "if False:",
    ),
    Mutation("4 bits reach only half the codes", "quantize.quantize", "(2**bits - 1)", "(2**bits)"),
]


def copy_tree(to: Path) -> None:
    """A copy of what is broken and what notices it, with the rest of the project around them."""
    ignore = shutil.ignore_patterns("__pycache__", "node_modules")
    for part in ROOT.glob("[!.]*"):
        if part.name in ("kvcore", "tests"):
            shutil.copytree(part, to / part.name, ignore=ignore)
        else:
            (to / part.name).symlink_to(part)


def nearest_first(file: Path) -> list[str]:
    """The test files: those first that name the module in `file` most often, then its room's."""
    word = re.compile(rf"\b{file.stem}\b")
    room = ROOT / TESTS / file.relative_to(ROOT / "kvcore").parts[0]
    tests = sorted(
        SUITES.values(),
        key=lambda test: (-len(word.findall(test.read_text())), room not in test.parents),
    )
    return [str(test.relative_to(ROOT)) for test in tests]


def failures(mutation: Mutation | None, *, first: bool = False) -> Counter[str]:
    """Failing tests by suite, with the mutation made: all, or no more than the first."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        copy_tree(tree)
        if mutation:
            (tree / mutation.file.relative_to(ROOT)).write_text(mutation.source())
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--tb=no",
            "-rfE",
            "-p",
            "no:cacheprovider",
            *(["-x", *nearest_first(mutation.file)] if first and mutation else [TESTS]),
        ]
        one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}  # tiny models gain nothing from more
        ran = subprocess.run(
            command, cwd=tree, env=one_thread, capture_output=True, text=True, check=False
        )
        noticed = rf"^(?:FAILED|ERROR) {TESTS}/(\S*?)test_(\w+)\.py"
        found = Counter(map("".join, re.findall(noticed, ran.stdout, re.M)))
        unimportable = ran.returncode == 2 and found  # pytest stops at a file that it cannot import
        if ran.returncode not in (0, 1) and not unimportable:
            sys.exit(ran.stdout + ran.stderr)
        return found


def row(name: str, cells: list[object]) -> str:
    return f"{name:38}" + "".join(
        f"{cell:>{len(suite) + 2}}" for cell, suite in zip(cells, SUITES, strict=True)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Break the engine, and show which tests notice.")
    parser.add_argument("names", nargs="*", help="of the mutations to make; all without one")
    parser.add_argument("--first", action="store_true", help="end each run at the first failure")
    options = parser.parse_args()
    if unknown := set(options.names) - {mutation.name for mutation in MUTATIONS}:
        parser.error(f"no mutation is called {', '.join(sorted(unknown))}")
    chosen = [each for each in MUTATIONS if not options.names or each.name in options.names]
    if broken := failures(None):
        sys.exit(f"tests fail without any mutation: {dict(broken)}")
    print(row("failing tests by file", list(SUITES)))
    survived = 0
    for mutation in chosen:
        found = failures(mutation, first=options.first)
        survived += not found
        print(row(mutation.name, [found[suite] or "-" for suite in SUITES]), flush=True)
    print(f"\n{len(chosen) - survived} of {len(chosen)} mutations noticed")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
