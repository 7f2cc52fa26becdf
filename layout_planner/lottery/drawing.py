"""Draw by what a folder promises, and draw again to check."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pandas as pd

from layout_planner.assign import replay
from layout_planner.assign.class_draw import ClassDrawResult, draw_classes
from layout_planner.assign.lottery import LotteryResult, draw_lottery
from layout_planner.errors import Flaw, InputError, OutputError, Text, counted, language
from layout_planner.io.staging import staged_folder
from layout_planner.lottery.promise import NOTICE, as_json
from layout_planner.report.draw_announcement import Announcement
from layout_planner.report.draw_result import Drawn, write_draw_workbook, write_result_notice

__all__ = ["DrawResult", "draw", "replay_folder"]

WORKBOOK = "result.xlsx"


@dataclass(frozen=True)
class DrawResult:
    """A draw and where it lies."""

    folder: Path
    drawn: Drawn

    def summary(self) -> str:
        """Say in a few lines what came out."""
        head = (
            Text("模拟抽签（结果不作数）", "A rehearsal, which does not count")
            if self.drawn.rehearsal
            else Text("正式抽签", "The draw")
        )
        lines = [str(head), str(Text(f"种子：{self.drawn.seed}", f"Seed: {self.drawn.seed}"))]
        result = self.drawn.result
        frame = result.summary if isinstance(result, ClassDrawResult) else result.schools
        for row in frame.to_dict("records"):
            if "school" in row:
                said = Text(
                    f"  {row['school']}：学位 {row['seats']}，录取 {row['admitted']}",
                    f"  {row['school']}: {counted(row['seats'], 'seat')}, {row['admitted']} admitted",
                )
            else:
                said = Text(
                    f"  {row['class_no']}班：{row['pupils']} 人，男 {row['boys']}、女 {row['girls']}",
                    f"  class {row['class_no']}: {counted(row['pupils'], 'pupil')}, "
                    f"{counted(row['boys'], 'boy')}, {counted(row['girls'], 'girl')}",
                )
            lines.append(str(said))
        return "\n".join([*lines, f"  {self.folder / NOTICE}", f"  {self.folder / WORKBOOK}"])


def draw(folder: str | Path, values: Sequence[str] = (), *, rehearse: bool = False) -> DrawResult:
    """Draw by what was published in a folder, once and for all, or rehearse.

    Parameters
    ----------
    folder : str or Path
        Made by :func:`publish_lottery` or :func:`publish_classes`.
    values : sequence of str
        The public values as they were announced, in the published order; only their digits count.
    rehearse : bool
        Draw with a seed that can never be that of the draw itself, into ``rehearsal-1`` and so on.

    Raises
    ------
    InputError
        If a published file was changed, or a value has another number of digits than was published.
    OutputError
        If the draw took place already.
    """
    folder = Path(folder)
    announced = _announced(folder)
    target = folder / replay.DRAW
    if rehearse:
        rehearsals = (folder / f"{replay.REHEARSALS}-{number}" for number in count(1))
        target = next(each for each in rehearsals if not each.exists())
    if target.exists():
        raise OutputError(
            Text(
                f"{folder.name} 已经正式抽过签，只能抽一次；结果在 {replay.DRAW} 文件夹，核对用 lottery replay",
                f"{folder.name} was drawn already, and is drawn once only; see {replay.DRAW}, and lottery replay",
            )
        )
    digits = [replay.digits_of(value) for value in values]
    if rehearse:
        digits = digits or [replay.digits_of(target.name)]
        values = values or [target.name]
    else:
        _check_values(announced, digits)
    seed_text = replay.seed_text(announced.commitment_sha256, digits, rehearsal=rehearse)
    seed = replay.sha256(seed_text.encode("utf-8"))
    roster, rules = pd.DataFrame(announced.rows, dtype="str"), announced.rules
    result: LotteryResult | ClassDrawResult = (
        draw_classes(roster, rules["classes"], seed, teams=rules["teams"])
        if rules["kind"] == "classes"
        else draw_lottery(roster, rules, seed)
    )
    drawn = Drawn(announced, tuple(values), tuple(digits), seed, result, rehearse)
    with staged_folder(target) as staged:
        (staged / replay.SEED).write_bytes(seed_text.encode("utf-8"))
        (staged / replay.RESULT).write_bytes(replay.result_table(list(map(dict, announced.rows)), dict(rules), seed))
        write_draw_workbook(drawn, staged / WORKBOOK, lang=language())
        write_result_notice(drawn, staged / NOTICE, lang=language())
        files = {name: _hash(staged / name) for name in (replay.RESULT, WORKBOOK, NOTICE)}
        record = {"rehearsal": rehearse, "values": list(values), "seed": seed, "files": files}
        (staged / replay.RECORD).write_bytes(as_json(record))
    return DrawResult(target, drawn)


def replay_folder(folder: str | Path) -> tuple[Text, ...]:
    """Check a published folder and draw again what was drawn in it.

    Returns
    -------
    tuple of Text
        What holds, a line each.

    Raises
    ------
    InputError
        With everything that does not hold.
    """
    folder = Path(folder)
    _must_be_published(folder)
    lines = replay.check_folder(folder)
    mend = Text("用最初公布的文件复核", "check the files as they were first published")
    flaws = [Flaw("replay", Text(zh, en), mend, file=folder.name) for holds, zh, en in lines if not holds]
    if flaws:
        raise InputError(Text("复核不通过", "The replay found differences"), flaws)
    announced = replay.sha256((folder / replay.COMMITMENT).read_bytes())
    said = Text(f"承诺哈希 {announced}，应与公告所载一致", f"commitment {announced}: must be the one announced")
    return (said, *(Text(zh, en) for _, zh, en in lines))


def _announced(folder: Path) -> Announcement:
    """Read what a folder promises, refusing files that were changed since, and a program other than ours."""
    _must_be_published(folder)
    flaws = []
    try:
        lines = replay.check_commitment(folder)
        commitment = json.loads((folder / replay.COMMITMENT).read_text(encoding="utf-8"))
        ours = replay.sha256(Path(replay.__file__).read_bytes())
        if commitment["script_sha256"] != ours:
            version = commitment.get("software", "")
            what = Text(
                f"公布时用的是 {version}，抽签程序与现在安装的不同",
                f"the published program is that of {version}, not the one installed",
            )
            mend = Text("安装公布时的版本再抽签", "install that version for the draw")
            flaws.append(Flaw("program_differs", what, mend, file=replay.SCRIPT))
    except (ValueError, KeyError, OSError):
        lines = [(False, f"{replay.COMMITMENT} 已损坏", f"{replay.COMMITMENT} is damaged")]
    mend = Text("用最初公布的文件", "use the files as they were first published")
    broken = [Text(zh, en) for holds, zh, en in lines if not holds]
    flaws = [Flaw("commitment_broken", said, mend, file=str(folder)) for said in broken] or flaws
    if flaws:
        raise InputError(Text("公布的文件不能用来抽签", "The published files cannot be drawn by"), flaws)
    rules = json.loads((folder / replay.RULES).read_text(encoding="utf-8"))
    rows = replay.read_table((folder / replay.ROSTER).read_bytes())
    return Announcement(rules, commitment, _hash(folder / replay.COMMITMENT), rows)


def _must_be_published(folder: Path) -> None:
    if not (folder / replay.COMMITMENT).is_file():
        what = Text(f"缺少 {replay.COMMITMENT}", f"there is no {replay.COMMITMENT}")
        mend = Text("先用 lottery publish 公布，再给出那个文件夹", "publish first, then name that folder")
        raise InputError(
            Text(f"{folder} 不是公布的文件夹", f"{folder} is no published folder"),
            [Flaw("not_published", what, mend, file=str(folder))],
        )


def _check_values(announced: Announcement, digits: Sequence[str]) -> None:
    """Report public values that are missing, too many, or of another length than was published."""
    asked = announced.rules["public_values"]
    said = Text("公开的数对不上", "The public values do not fit")
    if len(digits) != len(asked):
        names = "、".join(value["name"] for value in asked)
        what = Text(
            f"公布了 {len(asked)} 个公开的数，现给了 {len(digits)} 个",
            f"{len(asked)} values were published, {len(digits)} are given",
        )
        mend = Text(f"每个数一个 --value，次序为：{names}", f"one --value each, in this order: {names}")
        raise InputError(said, [Flaw("value_count", what, mend, "--value")])
    flaws = [
        Flaw(
            "value_digits",
            Text(f"“{value['name']}”应有 {value['digits']} 位数字，现有 {len(got)} 位（{got}）",
                 f"{value['name']!r} has {value['digits']} digits, {len(got)} are given ({got})"),
            Text("照公布的原样抄写，全部数字一位不少", "copy it as announced, every digit of it"),
            "--value",
            row=n,
        )
        for n, (value, got) in enumerate(zip(asked, digits, strict=True), 1)
        if len(got) != value["digits"]
    ]  # fmt: skip
    if flaws:
        raise InputError(said, flaws)


def _hash(path: Path) -> str:
    return replay.sha256(path.read_bytes())
