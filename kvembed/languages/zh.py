"""Chinese."""

from typing import Final

from kvembed.languages.language import ElementWords, Language

LANGUAGE: Final = Language(
    tag="zh-Hans",
    name="中文",
    locale="zh_CN",
    cjk=True,
    titles={
        "home": "解码器记住了什么",
        "why-not-q": "为什么缓存 K 和 V，不缓存 Q？",
        "growth": "看缓存逐步增长",
        "timing": "有缓存，没缓存",
    },
    abouts={
        "lang": "语言。不写时跟随读者的浏览器。",
        "prompt": (
            "模型读入的提示词（prompt），最多 {tokens} 个词元（token）。换行会变成空格。"
            "不写时用该模型和语言的开场文本。"
        ),
        "model": (
            "模型在该站点上的名字：tiny、smollm2，或站点自己的模型。不写时用站点的第一个模型。"
        ),
        "layer": "层（layer），从 0 数起。",
        "head": "查询头（query head），从 0 数起。",
        "step": (
            "该页图中的步骤：why-not-q 为 1 至 7；growth 从 0 数起，第 0 步是预填充（prefill）。"
        ),
        "view": (
            "该页的图当前查看的内容。why-not-q：选中的格子，写作 `行.列`；"
            "第 7 步则是被删掉一行的旧词元的位置。growth：一处改动，写作 `位置:文本`，"
            "两张变化图随之出现在图的下方。timing：写几个词元、重复几次，例如 16x3。"
            "home 没有。"
        ),
        "lock": "读者不能改动的部分：用逗号隔开的参数名，或 all（全部）。",
        "height": "高度，以 CSS 像素计，至少 120；或写 auto，随内容而定。",
        "start": (
            "何时开始运行：visible 表示一进入视野就开始，click 表示点击后开始。不写时，"
            "一页中的第一个视图进入视野就开始，其余的点击后开始。"
        ),
        "mode": "live 表示由站点实时运行；snapshot 表示构建时放进页面的一份记录，不需要服务器。",
        "alt": "写给看不到图的读者的图片说明。不写时用页面标题和提示词。",
    },
    columns=("名称", "取值", "作用"),
    text="文本，最多 {most} 个字符",
    names="{words} 中的若干个",
    comma="、",
    open="打开实时视图",
    element=ElementWords(
        name="实时 KV 缓存",
        poster="实时显示",
        play="播放",
        wait="正在加载……",
        dead="重试",
        silent="这个实时视图的服务器没有响应。",
        sandboxed=(
            "实时视图无法在这里运行：本页面所在的框架（iframe）设了 sandbox，"
            "却没有 allow-same-origin。记录可以在这里播放。"
        ),
        unplayed=(
            "无法播放这份记录：文件不存在，"
            "或者本页面或该文件的内容安全策略（Content-Security-Policy）不允许。"
        ),
        address="实时视图：",
    ),
)
