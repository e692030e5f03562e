"""The card's words in Chinese: key -> text with {named} places; and what others say in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from annotate.agreement.tables import NO_BOTH, NO_PAIRS
from annotate.exporters import protocol as why
from annotate.training import reasons

WORDS: Final[Mapping[str, str]] = {
    "none": "无",
    "undefined": "未定义：{reason}",
    "of_items": "{measure}（{items} 个条目）",
    "task": "任务",
    "task_items": "共 {items} 个条目，每个条目包含字段 {fields}。",
    "task_items_one_field": "共 {items} 个条目，每个条目包含字段 {fields}。",
    "task_language": "任务、标注指南以及文本前后的提示语使用{language}。",
    "language_en": "英文",
    "language_zh": "中文",
    "asked": "**`{name}`**（`{type}`）：{text}",
    "asked_after": "仅当 `{question}` 的回答为以下之一时才提问：{answers}。",
    "asked_prompt": "各回答所针对的提示在字段 `{field}` 中。",
    "asked_field": "在字段 `{field}` 中标注。",
    "asked_draft": "初稿在字段 `{field}` 中，由标注者采用、修改或拒绝。",
    "asked_draft_of_model": "初稿由模型撰写，由标注者采用、修改或拒绝。",
    "asked_scale": "以整数评分：最低 {low}，最高 {high}。",
    "asked_strength": "优劣程度分为 {levels} 级。",
    "scale_end": "{number}（{meaning}）",
    "aspect": "方面",
    "response": "回答",
    "label": "标签",
    "meaning": "含义",
    "labels": "标签情况",
    "labels_of": "{items} 个条目中有 {labels} 个具有 `{question}` 的标签。",
    "from": "标签来源",
    "count": "标签数",
    "share": "占比",
    "source_adjudicated": "由负责人裁定",
    "source_person": "标注者的回答",
    "source_model": "模型给出，分配时予以采用",
    "source_learned": "根据标注者在类似情况下的回答学得",
    "left_out": "没有标签的原因",
    "items": "条目数",
    "distribution": "`{question}` 的标签分布",
    "people": "标注者",
    "people_count": "参与标注的人数：{people}。有效回答：{answers} 个，给出时间为 {first} 至 {last}"
    "（UTC）。",
    "people_count_one_day": "参与标注的人数：{people}。有效回答：{answers} 个，均于 {first}（UTC）"
    "给出。",
    "people_nobody": "尚无人作答。",
    "people_mode_blind": "标注者作答时看不到模型的回答。",
    "people_mode_reveal": "标注者先给出自己的回答，之后才看到模型的回答；以先给出的为准。",
    "people_mode_suggest": "标注者作答前会看到模型的回答，作为建议。",
    "people_arm": "随机抽取的 {share} 条目采用 `{mode}` 模式，用于衡量该模式对回答的影响。",
    "people_assisted": "{answers} 个回答中有 {assisted} 个（{share}）是在看到模型回答的情况下给出"
    "的。",
    "people_imported": "{answers} 个回答中有 {imported} 个是在其他标注工具中给出的：当时是否能看到"
    "模型的回答，无从得知。",
    "people_training": "每位标注者先回答 {items} 个已知答案的条目，正确率达到 {pass_} 方可正式标"
    "注。",
    "answers_per_item": "{questions} 每个条目的回答数",
    "person": "标注者",
    "answers": "回答数",
    "combined_consensus": "回答不一致时，标签取方法 `{method}` 得出的共识，除非负责人已作裁定。",
    "combined_people": "多人作答时，以人数最多的回答为标签；票数相同的条目在负责人裁定之前没有标"
    "签。",
    "agreement": "一致性",
    "agreement_intro": "附 95% 置信区间；除非另有说明，仅统计未看到模型回答时给出的回答。",
    "agreement_imported": "来自其他标注工具的回答计入标注者之间的比较，但当时能看到什么无从得知。",
    "agreement_share": "`{question}` 的数值根据随机抽取的条目算得，这些条目的回答占全部回答的 "
    "{share}。",
    "between": "比较对象",
    "between_people": "标注者之间",
    "between_model": "标注者与模型",
    "between_assisted": "看到模型回答的标注者与模型",
    "measure": "指标",
    "value": "数值",
    "right": "正确率",
    "right_audit": "模型的标签（经人工随机抽查）",
    "right_model": "模型（在已知答案的条目上）",
    "right_people": "标注者（在已知答案的条目上）",
    "model": "模型与提示",
    "model_none": "没有模型作答。",
    "model_name": "模型",
    "model_prompt": "提示版本",
    "model_calls": "调用次数",
    "model_usable": "可用回答",
    "model_when": "起止时间（UTC）",
    "model_failed": "没有可用回答的调用：{outcomes}。它们不会成为标签。",
    "outcome_abstained": "弃权",
    "outcome_invalid": "不符合要求的格式",
    "outcome_refused": "拒绝回答",
    "outcome_truncated": "被截断",
    "outcome_error": "失败",
    "routing": "条目的分配",
    "routing_none": "条目尚未分配。",
    "routing_people": "{questions}：没有模型作答，全部条目交由人工标注。",
    "routing_policy": "`{question}` 按策略 `{policy}` 分配；模型的不确定程度由信号 `{signal}` 衡"
    "量。",
    "routing_audit": "本应采用模型标签的条目，各以 {share} 的概率被随机抽中，交由人检查。",
    "sent": "去向",
    "sent_auto": "采用模型的标签",
    "sent_annotate": "由人作答",
    "sent_audit": "由人随机抽查",
    "sent_strong": "接下来由更强的模型作答",
    "bound": "错误率上界",
    "bound_of": "{questions}：{statement}。",
    "bound_none": "未对标签的错误比例作出任何保证",
    "bound_none_of_all": "未对任何问题的标签错误比例作出保证。",
    "bound_auditing": "尚无保证：已抽查 {answered} / {audited} 个条目",
    "bound_waiting": "待人答完剩余的 {to_go} 个条目，即可保证 {size} 个标签中至多 {tolerance} 有"
    "误，置信度 {confidence}",
    "bound_kept": "保证成立：{delivered} 个已交付标签中至多 {tolerance} 有误（置信度 {confidence}）"
    "，共使用 {answers} 个人工标签",
    "bound_short": "未能保证 {tolerance}：部分条目票数相同，没有标签。{delivered} 个已交付标签中至"
    "多 {wrong} 有误（置信度 {confidence}），共使用 {answers} 个人工标签",
    "bound_withdrawn": "保证已撤回，不作任何保证。原因：{reason}",
    "bound_supports": "其含义：所述置信度就保证所涉及的全部 {size} 个条目合计而言，随机性来自抽查"
    "时的随机抽取；标签与抽查者的回答一致即视为正确。它不针对单个标签、单独某一类别或其他文本，也不"
    "说明标注指南本身是否恰当。",
    "bound_several": "这是该问题的第 {made} 个保证：其中任何一个失效的概率至多为 {fails}。",
    "guideline": "标注指南",
    "guideline_version": "项目文件第 {version} 版，自 {day} 起生效（sha `{hash}`）。",
    "guideline_earlier": "`{question}` 的 {answers} 个回答中有 {earlier} 个是在较早版本下给出的。",
    "guideline_empty": "没有标注指南。",
    "splits": "数据划分",
    "split_name": "划分",
    "split_how": "相关条目始终在一起：共 {groups} 组，每组按其键的哈希值放置（种子 `{seed}`），因此"
    "数据增加时各组位置不变。",
    "split_by": "放在一起：{by} 相同的条目。",
    "split_near": "放在一起：词片段 Jaccard 相似度不低于 {similarity} 的文本。",
    "split_moved": "为避免用于测试而归入 `{first}` 的条目：{count} 个（{why}）。",
    "limits": "已知局限",
    "limit_unlabelled": "{questions}：{items} 个条目中有 {count} 个没有标签；"
    "有标签的部分并非随机样本。",
    "limit_none": "{questions}：尚无任何条目有标签。",
    "limit_model": "{questions}：{labels} 个标签中有 {count} 个（{share}）仅由模型给出，无人查看过"
    "这些条目。",
    "limit_single": "{questions}：{labels} 个标签中有 {count} 个（{share}）仅依据一个人的回答。",
    "limit_bound": "{questions}：目前没有关于错误标签比例的上界。",
    "limit_assisted": "{questions}：{share} 的回答是在看到模型回答的情况下给出的；人往往会附和"
    "所看到的内容。",
    "limit_low": "{questions}：标注者之间的一致性 alpha 为 {value}。低于 0.667 时，即使是初步结论"
    "也值得怀疑（Krippendorff，2004）。",
    "limit_unmeasured": "{questions}：标注者之间的一致程度未知。",
    "limit_selected": "{questions}：优先交由人标注的是模型不确定的条目，因此在这些条目上测得的数值"
    "并不适用于全部条目。",
    "limit_rare": "{questions}：以下标签各不足 {few} 个：{labels}。",
    "limit_alone": "{questions} 的所有回答均出自一人，带有此人的习惯。",
    "limit_unknown": "文本的来源与许可、是否含有个人数据、标注者是谁以及报酬如何，生成本卡片的程"
    "序并不知晓。文本与导入时一致，未作任何删除。请补充您所知道的信息。",
}

SAID: Final[Mapping[str, str]] = {
    why.NOT_ROUTED: "尚未分配",
    why.WAITING: "等待人工作答",
    why.WAITING_STRONG: "等待更强的模型",
    why.TIED: "各回答票数相同",
    why.NO_MODEL: "模型没有可用回答",
    why.RETIRED: "项目文件已不再提供该回答",
    why.NOT_ASKED: "根据另一问题的回答无需提问",
    why.AMBIGUOUS: "被标记为有歧义",
    why.SENT_BACK: "退回重新标注",
    why.WAITS_FOR_OTHER: "等待另一问题的回答",
    reasons.UNRESOLVED: "分歧尚未解决",
    reasons.THIN: "领先幅度低于所要求的下限",
    reasons.UNSURE: "概率低于所要求的下限",
    reasons.NO_POSTERIOR: "共识没有给出其概率",
    NO_PAIRS: "没有条目有两个回答",
    NO_BOTH: "没有条目同时有双方的回答",
    "people have not checked any label that the model keeps": "模型保留的标签尚未经人检查",
    "no item has a known answer and another": "没有已知答案的条目有其他回答",
    "is a few-shot example of a prompt": "是提示中的示例",
    "has a known answer": "有已知答案",
    "was drawn for an audit: the error bound or the routing was measured on it": "被抽中用于抽查："
    "错误率上界或分配是在其上测得的",
    "a change of guideline or prompt was made or tried on it": "标注指南或提示的修改曾在其上"
    "作出或试验",
    "same answer": "回答相同的比例",
    "alpha, MASI": "alpha（MASI 距离）",
    "F1, overlapping": "F1（部分重叠）",
    "alpha of tokens": "alpha（按词元）",
    "Tie": "平局",
    "Equally good, or equally bad.": "一样好，或一样差。",
    "alpha, nominal": "alpha（名义）",
    "alpha, by distance": "alpha（按距离）",
    "alpha, ordinal": "alpha（有序）",
    "alpha, interval": "alpha（等距）",
    "likeness": "相似度",
    "F1, exact": "F1（完全一致）",
    "the guideline has changed, so people may now answer otherwise": "标注指南已修改，人的回答可"
    "能因此不同",
    "the question or its labels have changed": "问题或其标签已修改",
    "the fields that people are shown have changed": "展示给人的字段已修改",
}
"""What other parts say in English -> the same in Chinese."""

_PATTERNS: Final = (
    (
        re.compile(r"every answer is ['\"](.*)['\"]: chance agreement is 1, so \S+ is not defined"),
        "所有回答均为“{0}”，偶然一致性为 1",
    ),
    (
        re.compile(r"the answers leave no room for chance, so \S+ is not defined"),
        "各回答之间没有偶然一致的余地",
    ),
    (
        re.compile(r"frozen items were pre-labelled anew, by another model or prompt \((.*)\)"),
        "已冻结的条目由另一模型或提示重新预标注（{0}）",
    ),
    (
        re.compile(r"([\d,]+) items that people must answer have gone back to the model"),
        "{0} 个须由人作答的条目又改用模型的标签",
    ),
    (
        re.compile(r"([\d,]+) frozen labels are no longer the ones that go out"),
        "{0} 个已冻结的标签不再是实际交付的标签",
    ),
)


def said(english: str) -> str:
    """What another part says in English, in Chinese; as it is where there are no words for it.

    >>> said("every answer is 'ham': chance agreement is 1, so alpha is not defined")
    '所有回答均为“ham”，偶然一致性为 1'
    >>> said("another thing")
    'another thing'
    """
    for pattern, chinese in _PATTERNS:
        if found := pattern.fullmatch(english):
            return chinese.format(*found.groups())
    return SAID.get(english, english)


def reasons_said(english: str) -> str:
    """Several reasons in one line, in Chinese; as they are where one has no words for it, since
    then a person wrote them.

    >>> reasons_said("the question or its labels have changed; 3 frozen labels are no longer the "
    ... "ones that go out")
    '问题或其标签已修改；3 个已冻结的标签不再是实际交付的标签'
    >>> reasons_said("a typo; sorry")
    'a typo; sorry'
    """
    parts = english.split("; ")
    told = [said(part) for part in parts]
    return english if any(a == b for a, b in zip(parts, told, strict=True)) else "；".join(told)
