"""What a study found, in sentences made of its numbers and their uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.errors import Text
from layout_planner.study.headline import share_of
from layout_planner.study.reasons import PAST, WORDS
from layout_planner.study.tables import RURAL, URBAN

if TYPE_CHECKING:
    from layout_planner.study import EnrolmentStudy

__all__ = ["conclusions", "spelled"]

_SHOWN = 0.0005


def spelled(value: float, low: float, high: float) -> Text:
    """Spell a share with its interval, where there is one.

    >>> spelled(0.524, 0.52, 0.531).en, spelled(0.524, float("nan"), float("nan")).zh
    ('52.4 % (52.0–53.1 %)', '52.4%')
    """
    if np.isnan(low):
        return Text(f"{value:.1%}", f"{100 * value:.1f} %")
    return Text(f"{value:.1%}（{low:.1%}—{high:.1%}）", f"{100 * value:.1f} % ({100 * low:.1f}–{100 * high:.1f} %)")


def conclusions(study: EnrolmentStudy) -> tuple[Text, ...]:
    """Say what a study found: who is near, who goes past and why, town and country, excess, and how sure that is.

    Returns
    -------
    tuple of Text
        A sentence or two each; nothing is said of what the study does not know.
    """
    if share_of(study.measures, "pupils")[0] <= 0:
        return (Text("没有学生可供研究。", "There are no pupils to study."),)
    said = [_near(study), _past(study), _unexplained(study), _settings(study), _excess(study), _sure(study), _means()]
    return tuple(text for text in said if text is not None)


def _share(study: EnrolmentStudy, measure: str) -> Text:
    return spelled(*share_of(study.measures, measure))


def _near(study: EnrolmentStudy) -> Text:
    near, taught = _share(study, "nearest_share"), _share(study, "nearest_taught_share")
    pupils = share_of(study.measures, "pupils")[0]
    zh = f"{pupils:,.0f} 名学生中，{near.zh}就读道路上最近的学校；"
    zh += f"把相差无几的、最近学校没有该年级的都算上，为{taught.zh}。"
    en = (
        f"Of {pupils:,.0f} pupils, {near.en} attend the school nearest by road; with those at a school as near, and "
        f"those whose nearest school does not teach their grade, {taught.en}."
    )
    names = study.measures["measure"].tolist()
    if "nearest_taught_share_least" in names:
        least = share_of(study.measures, "nearest_taught_share_least")[0]
        zh += f"村内谁去哪所学校没有记录，任何一种可能下这一比例都不低于 {least:.1%}。"
        en += (
            f" Who goes where within a village is not recorded; whatever it is, this share is at least "
            f"{100 * least:.1f} %."
        )
    if "in_zone_share" in names:
        zone = _share(study, "in_zone_share")
        zh += f"划片内就学率为{zone.zh}。"
        en += f" {zone.en} attend a school of their catchment."
    return Text(zh, en)


def _past(study: EnrolmentStudy) -> Text:
    past = _share(study, "past_share")
    rows = _reasons(study)
    found = sorted((r for r in PAST if rows[r]["share"] > _SHOWN), key=lambda r: -rows[r]["share"])
    if not found:
        return Text("没有人越过最近的学校。", "Nobody goes past the nearest school.")
    zh = "、".join(f"{WORDS[r].zh} {rows[r]['of_past_share']:.0%}" for r in found)
    en = ", ".join(f"{WORDS[r].en} {100 * rows[r]['of_past_share']:.0f} %" for r in found)
    return Text(f"越过最近学校的有{past.zh}，其中：{zh}。", f"{past.en} go past the nearest school; of them: {en}.")


def _reasons(study: EnrolmentStudy) -> dict[str, dict[str, float]]:
    """Give the county's rows of table ``study_reasons`` by reason."""
    rows = study.reasons[study.reasons["band"] == "all"].drop(columns="band").to_dict("records")
    return {str(row.pop("reason")): {str(k): float(v) for k, v in row.items()} for row in rows}


def _unexplained(study: EnrolmentStudy) -> Text | None:
    row = _reasons(study)["choice"]
    if not row["share"] > _SHOWN:
        return None
    share = spelled(row["share"], row["share_low"], row["share_high"])
    extra = row["extra_minutes"]
    zh = f"资料不能解释的占全部学生的{share.zh}"
    en = f"The data do not explain {share.en} of all pupils"
    if not np.isnan(extra):
        zh += f"，他们单程平均比到最近学校多 {extra:.0f} 分钟"
        en += f"; their way is {extra:.0f} minutes longer than to the nearest school on average"
    return Text(
        zh + "；择校、随父母务工居住、投亲都可能在内。",
        en + "; choosing, living elsewhere with working parents or with relatives may all be among the causes.",
    )


def _settings(study: EnrolmentStudy) -> Text | None:
    rows = study.shares[study.shares["grouping"] == "setting"]
    found = dict(
        zip(rows["member"], rows[["past_share", "past_low", "past_high"]].to_numpy(float).tolist(), strict=True)
    )
    if not {URBAN, RURAL} <= set(found):
        return None
    town, land = found[URBAN], found[RURAL]
    zh = f"越过最近学校的比例，城镇为{spelled(*town).zh}，乡村为{spelled(*land).zh}"
    en = f"Past the nearest school go {spelled(*town).en} in town and {spelled(*land).en} in the country"
    if np.isnan(town[1]):
        return Text(zh + "。", en + ".")
    apart = town[1] > land[2] or land[1] > town[2]
    if apart:
        return Text(zh + "，差别超出不确定范围。", en + ": more apart than the uncertainty of homes.")
    return Text(zh + "，差别在不确定范围之内。", en + ": no more apart than the uncertainty of homes.")


def _excess(study: EnrolmentStudy) -> Text | None:
    value, low, high = share_of(study.measures, "excess_share")
    if np.isnan(value):
        return None
    seats = share_of(study.measures, "excess_seats_share")[0]
    share = spelled(value, low, high)
    return Text(
        f"走读生所走的路有{share.zh}是过度通学（都去最近学校可省）；在今天的学位下互换，至多可省 {seats:.1%}。",
        f"{share.en} of the distance of day pupils is excess, which nearest schools would save; an exchange of places "
        f"within today's seats would save {100 * seats:.1f} % at most.",
    )


def _sure(study: EnrolmentStudy) -> Text:
    asked, travel = study.estimate.settings, study.estimate.scenario.travel
    slow, fast = (share_of(study.measures, f"past_share_{word}")[0] for word in ("slower", "faster"))
    zh = f"路上速度上下 {travel.speed_range:.0%}，越过最近学校的比例在 {min(slow, fast):.1%}—{max(slow, fast):.1%} 之间"
    en = (
        f"With speeds {100 * travel.speed_range:.0f} % slower or faster, {100 * min(slow, fast):.1f}–"
        f"{100 * max(slow, fast):.1f} % go past the nearest school"
    )
    if asked.draws:
        zh = (
            f"括号内为 {asked.level:.0%} 区间：按人口栅格的误差把住处重抽 {asked.draws} 次得出，"
            f"不含就读表、路网本身的错误。{zh}"
        )
        en = (
            f"Brackets hold {100 * asked.level:.0f} % of {asked.draws} draws of where pupils live, by the uncertainty "
            f"of the raster; errors of the enrolment table and of the roads are not in them. {en}"
        )
    tie = f"{asked.tie_min:g}"
    return Text(
        f"{zh}。相差不超过 {tie} 分钟不算远近之别。", f"{en}. Schools within {tie} minutes count as equally near."
    )


def _means() -> Text:
    return Text(
        "“越过最近学校”是事实描述，不是违规认定：就近入学不等于直线距离最近，也要看学位、年级和寄宿。",
        "Going past the nearest school is a finding, not a breach: 就近入学 is not the nearest in a straight line, and "
        "seats, grades and boarding count.",
    )
