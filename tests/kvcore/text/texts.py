"""200 strings a tokenizer may meet: English, Chinese, emoji, other scripts, code, byte soup."""

import random

ENGLISH = [
    "",
    " ",
    "The capital of France is",
    " leading and trailing ",
    "two  spaces,   three",
    "It's we'll they've I'm you'd can't SHOULDN'T",
    "In 1969, 3.14159 is not 2,718,281; 007.",
    "e-mail@example.com, https://example.com/a?b=c&d=%20#e",
    "Antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "Wait... what?! (really) [sic] {braces} <tags> -- em—dash “quotes” ‘single’",
    "naïve café Zürich Ærøskøbing Łódź İstanbul ﬁne",
    "line one\nline two\r\nline three\n\n\n  indented\ttab",
    "ALL CAPS and MiXeD cAsE and snake_case and kebab-case",
    "1st 2nd 3rd 4th 100% $5.00 £7 €9 ¥11",
    "a" * 200,
    "Once upon a time, " * 20,
]
CHINESE = [
    "床前明月光,疑是地上霜。",
    "举头望明月,低头思故乡。",
    "为什么缓存 K 和 V,不缓存 Q?",
    "解码器记住了什么",
    "你好,世界!",
    "繁體中文:龍鳳龜鬱",
    "生僻字:𠮷𡃁𪚥龘靐",
    "混合 mixed 文本 text 123 和 456",
    "“引号”《书名》【方括号】……——",
    " 全角空格 在这里",
    "春眠不觉晓,处处闻啼鸟。\n夜来风雨声,花落知多少。",
    "一二三四五六七八九十百千万亿",
]
EMOJI = [
    "😀",
    " 😀 😀😀",
    "👨‍👩‍👧‍👦 family",
    "👍🏽 skin tone",
    "🇨🇳🇫🇷 flags",
    "❤️ and ❤",
    "1️⃣2️⃣ keycaps #️⃣",
    "🏴‍☠️ 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "text😂between🤖words",
    "★☆♠♥→⇒∀∃∑∫√≠≤",
]
SCRIPTS = [
    "こんにちは世界。カタカナ、ひらがな",
    "안녕하세요 세계",
    "Привет, мир. Ёлка",
    "Γειά σου Κόσμε",
    "שלום עולם",
    "مرحبا بالعالم ١٢٣",
    "नमस्ते दुनिया १२३",
    "สวัสดีชาวโลก",
    "Xin chào thế giới, tiếng Việt",
    "e\u0301 combining, a\u0308\u0323 stacked, Z\u0351\u036b\u0343",
    "\u202eright to left\u202c \u200bzero width\ufeff",
]
CODE = [
    "def f(x: int) -> int:\n    return x ** 2  # square\n",
    "for (int i = 0; i < n; ++i) { a[i] += b[i]; }",
    "SELECT * FROM t WHERE id = 42 AND name LIKE '%x%';",
    '{"a": [1, 2.5, null, true], "b": {"c": "\\n"}}',
    "<div class=\"x\" style='y'>&nbsp;</div>",
    "\tif err != nil {\n\t\treturn err\n\t}",
    "0x7fffffff 0b1010 1e-9 1_000_000",
    "import torch.nn.functional as F; y = F.softmax(q @ k.mT / d**0.5, -1)",
    "$ grep -rn 'foo' . | sort -u | head -n 10 > /dev/null 2>&1",
    "a=b==c!=d<=e>=f&&g||h??i?.j",
    "\\frac{1}{\\sqrt{d}} \\sum_{i=1}^{n} x_i^2",
    "        eight spaces\n    four\n\n\t \t mixed",
]
NAMES = ["<|im_end|>", "a <|endoftext|> b", "<|im_start|>user\nhi<|im_end|>\n", "<repo_name>x"]


def _soup(n: int) -> list[str]:
    """Random bytes read as text, random code points, and random joints of the strings above."""
    rng = random.Random(0)
    whole = [s for s in ENGLISH + CHINESE + EMOJI + SCRIPTS + CODE if s]
    soup = []
    for i in range(n):
        data = rng.randbytes(rng.randint(1, 60))
        if i % 4 == 0:
            soup.append(data.decode("latin-1"))
        elif i % 4 == 1:
            soup.append(data.decode("utf-8", "replace"))
        elif i % 4 == 2:
            codes = (rng.choice((0x80, 0x800, 0xD800, 0x40000)) for _ in range(20))
            points = (rng.randrange(top) for top in codes)
            soup.append("".join(chr(p) for p in points if not 0xD800 <= p <= 0xDFFF))
        else:
            a, b = rng.choice(whole), rng.choice(whole)
            soup.append(a[: rng.randint(0, len(a))] + b[rng.randint(0, len(b)) :])
    return soup


_WRITTEN = ENGLISH + CHINESE + EMOJI + SCRIPTS + CODE + NAMES
TEXTS = _WRITTEN + _soup(200 - len(_WRITTEN))
