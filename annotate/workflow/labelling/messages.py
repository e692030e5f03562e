"""What people are told while they label, in the languages of the screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Language = Literal["en", "zh"]

_WORDS: dict[str, tuple[str, str]] = {
    "other_window": (
        "you have settled this item in another window: what you sent here is kept for your lead, "
        "and what you said first counts",
        "您已在另一个窗口处理过此条目：此处发送的内容已为负责人保留，以先前的答案为准",
    ),
    "taken_back": (
        "you took your answer to this item back: answer it again as it is shown now",
        "您已撤回对此条目的答案：请按现在显示的内容重新作答",
    ),
    "gone": (
        "this item has gone to somebody else or is no longer asked about, because it was open for "
        "too long: your answer is kept for your lead, but does not count; the next item is yours",
        "此条目打开过久，已转给他人或不再需要作答：您的答案已为负责人保留，但不计入；请继续下一条",
    ),
    "invalid": ("{problem}: correct the answer and send it again", "{problem}：请修改后重新提交"),
    "unknown_question": (
        "{name!r} is not asked of this item: it asks {names}",
        "此条目没有问题 {name!r}；现有问题：{names}",
    ),
    "no_answer": ("{name!r} has no answer yet: give one", "{name!r} 尚未作答：请作答"),
    "moot": (
        "{name!r} is not asked after these answers: leave it out",
        "按这些答案无需回答 {name!r}：请留空",
    ),
    "no_such_target": (
        "there is nothing of yours under {target!r}: it may belong to somebody else, or was never "
        "saved",
        "没有编号为 {target!r} 的记录：可能属于他人，或从未保存",
    ),
    "wrong_target": (
        "{target!r} is a {kind}, which cannot be changed in this way",
        "{target!r} 属于 {kind}，不能这样更改",
    ),
    "ended": (
        "this was {ended} already, maybe in another window: look at it again in your history",
        "此记录已在别处更改（{ended}）：请在历史中重新查看",
    ),
    "skip_gone": (
        "the item you skipped has gone to somebody else: it cannot come back; go on with the next "
        "one",
        "您跳过的条目已转给他人，无法找回：请继续下一条",
    ),
    "reused_id": (
        "an earlier operation has this id but says something else: reload the page",
        "已有相同编号但内容不同的操作：请刷新页面",
    ),
    "frozen": (
        "the project is frozen: what you sent is kept for your lead, but changes nothing",
        "项目已冻结：您发送的内容已为负责人保留，但不作更改",
    ),
    "trained": (
        "this was a training item, and you have seen its answer: it cannot be changed",
        "这是培训条目，您已看到答案：无法更改",
    ),
    "paused": (
        "Your lead has paused this project{why}: nothing new is given out until it is opened "
        "again.",
        "负责人已暂停此项目{why}：重新开放前不再发放条目。",
    ),
    "project_frozen": (
        "This project is frozen{why}: its answers stand as they are and no more are taken.",
        "此项目已冻结{why}：答案不再更改，也不再接受新答案。",
    ),
    "you_paused": (
        "your work in this project is paused: what you sent is kept for your lead, but does not "
        "count",
        "您在此项目中的工作已暂停：您发送的内容已为负责人保留，但不计入",
    ),
    "person_paused": (
        "Your lead has paused your work in this project{why}. All that you answered is saved; what "
        "you had open goes to others. Your lead can let you go on.",
        "负责人已暂停您在此项目中的工作{why}。您已提交的答案均已保存，未完成的条目将转给他人。如需继续，请联系负责人。",
    ),
    "with_others": (
        "{items} with other people; the first comes free in {minutes} if nobody answers it.",
        "{count} 个条目在他人手中；如无人作答，第一个将在 {n} 分钟后释放。",
    ),
    "nothing": (
        "Nothing waits for you: every item that people were asked about is answered.",
        "没有等待您的条目：需要人工作答的条目均已完成。",
    ),
    "other_skills": (
        "What waits needs other skills than yours ({skills}): your lead can give you them.",
        "等待的条目需要您没有的技能（{skills}）：请联系负责人。",
    ),
    "training": (
        "Training: {done} of {items} items. You see the right answer after each of yours.",
        "培训：已完成 {done}/{items} 条。每次作答后会显示正确答案。",
    ),
    "training_failed": (
        "Your training ended with {correct} of {asked} answers right; {needed} are needed. Your "
        "lead sees this and decides how to go on.",
        "培训结束：{asked} 个答案中 {correct} 个正确，需要 {needed} 个。负责人将决定如何继续。",
    ),
    "training_impossible": (
        "There are no items left to train with: tell your lead that more are needed.",
        "没有可用于培训的条目：请告知负责人补充。",
    ),
    "day_full": (
        "You have answered {most:,} items today, which is the most this project takes in a day: "
        "go on tomorrow.",
        "您今天已完成 {most:,} 条，达到本项目每日上限：请明天继续。",
    ),
    "person_full": (
        "You have answered {most:,} items, the most this project takes from one person. Thank you.",
        "您已完成 {most:,} 条，达到本项目每人上限。谢谢！",
    ),
}


@dataclass(frozen=True, slots=True)
class Message:
    """A message before it is put into words."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def words(self, language: Language) -> str:
        """
        >>> Message("no_answer", {"name": "topic"}).words("en")
        "'topic' has no answer yet: give one"
        """
        return _WORDS[self.code][("en", "zh").index(language)].format(**self.facts)
