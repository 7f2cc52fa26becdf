"""Draw lots from published files, and draw them again to check. 电脑派位、电脑随机分班：抽签与复核程序.

This file needs the standard library alone (Python 3.8 or later). A copy of it lies in every published folder as
``verify.py``, and its SHA-256 is published before the draw, so that the code that draws is the code that anyone runs:

    python verify.py

The generator is HMAC-SHA-256 (RFC 2104, FIPS 180-4). The seed is the SHA-256 of ``seed.txt``: 64 hexadecimal digits,
which as text are the key. The message of a family in a lottery is ``order:`` and its smallest application number, that
of a pupil in a class draw ``pupil:`` and the number. Every HMAC calculator gives the same lots.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import sys
from pathlib import Path
from typing import Any

FORMAT = 1
GENERATOR = "HMAC-SHA-256"
REAL, REHEARSAL = "layout-planner draw 1", "layout-planner rehearsal 1"
ROSTER, RULES, SCRIPT, COMMITMENT = "roster.csv", "rules.json", "verify.py", "commitment.json"
SEED, RESULT, RECORD = "seed.txt", "result.csv", "draw.json"
DRAW, REHEARSALS = "draw", "rehearsal"
YES, NO, BOY, GIRL, TOGETHER, APART = "是", "否", "男", "女", "同班", "分班"
SIBLING, DRAWN = "长幼随学", "派位"
MOST_CHOICES = 6
MOST_STEPS = 20_000
HEADS = {
    "application_no": "报名号", "priority": "优先类别", "migrant": "随迁子女", "sibling_group": "同胞组",
    "sibling_school": "长幼随学学校", "accepts_other": "服从调剂", "sex": "性别", "sibling_class": "同胞编班",
    "choice_1": "第一志愿", "choice_2": "第二志愿", "choice_3": "第三志愿", "choice_4": "第四志愿",
    "choice_5": "第五志愿", "choice_6": "第六志愿", "zone": "片区", "village": "村（社区）",
    "draw_no": "抽签序号", "lot": "抽签号码", "school_id": "录取学校代码", "admitted_by": "录取方式",
    "waiting_no": "递补序号", "class_no": "班级", "team": "教师组",
}  # fmt: skip
LOTTERY_RESULT = ("draw_no", "application_no", "priority", "lot", "school_id", "admitted_by", "waiting_no")
CLASS_RESULT = ("class_no", "application_no", "sex", "lot", "team")


def sha256(data: bytes) -> str:
    """Compute a SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digits_of(value: str) -> str:
    """Keep the digits of an announced value in their order, full-width ones too.

    >>> digits_of("03 08 15，２１ + 09"), digits_of("上证指数 3,456.78")
    ('0308152109', '345678')
    """
    return "".join(str(int(ch)) for ch in value if ch.isdecimal())


def seed_text(commitment: str, digits: list[str], *, rehearsal: bool = False) -> str:
    """Spell ``seed.txt``: what it is for, the SHA-256 of ``commitment.json``, then the digits of each value."""
    return "\n".join([REHEARSAL if rehearsal else REAL, commitment, *digits]) + "\n"


def lot(seed: str, *words: str) -> str:
    """Compute the lot of a message: the HMAC-SHA-256 of its words, joined by colons, under the seed.

    >>> lot("ab", "order", "A001")[:8]
    '9bb56241'
    """
    return hmac.new(seed.encode("ascii"), ":".join(words).encode("utf-8"), hashlib.sha256).hexdigest()


def read_table(data: bytes) -> list[dict[str, str]]:
    """Read a published table (CSV, UTF-8 with a mark) into rows by the name of the column."""
    names = {head: name for name, head in HEADS.items()}
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return [{names[head]: cell for head, cell in row.items()} for row in rows]


def write_table(names: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    """Spell a table as it is published: UTF-8 with a mark, commas, line feeds."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([HEADS[name] for name in names])
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def families(rows: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    """Gather the applicants who share a lot, each family in the order of its application numbers."""
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in sorted(rows, key=lambda each: each["application_no"]):
        group = row.get("sibling_group", "")
        found.setdefault(("group", group) if group else ("one", row["application_no"]), []).append(row)
    return list(found.values())


def wishes(family: list[dict[str, str]], schools: list[str], seed: str) -> list[tuple[str, str]]:
    """List the schools that a family takes, each with the way: its choices, then the others in a drawn order."""
    row = family[0]
    names = [f"choice_{n}" for n in range(1, MOST_CHOICES + 1)]
    chosen = [(row.get(name, ""), HEADS[name]) for name in names]
    chosen = [(school, way) for school, way in chosen if school]
    if chosen and row.get("accepts_other", "") == NO:
        return chosen
    others = sorted(set(schools) - {school for school, _ in chosen})
    others.sort(key=lambda school: lot(seed, "school", row["application_no"], school))
    return chosen + [(school, DRAWN) for school in others]


def draw_order(rows: list[dict[str, str]], rules: dict[str, Any], seed: str) -> list[dict[str, Any]]:
    """Put the families in order, by priority and then by lot."""
    rank = {name: i for i, name in enumerate(rules["priorities"])}
    schools = [school["school_id"] for school in rules["schools"]]
    drawn = [
        {
            "rows": family,
            "size": len(family),
            "rank": rank.get(family[0].get("priority", ""), 0),
            "lot": lot(seed, "order", family[0]["application_no"]),
            "migrant": family[0].get("migrant", "") == YES,
            "sibling": [(each, SIBLING) for each in schools if each == family[0].get("sibling_school", "")],
            "wishes": wishes(family, schools, seed),
            "place": None,
        }
        for family in families(rows)
    ]
    return sorted(drawn, key=lambda each: (each["rank"], each["lot"]))


def admit(order: list[dict[str, Any]], rules: dict[str, Any]) -> None:
    """Give each family in its turn the first school it takes that has room, in up to three rounds.

    First those who follow a sibling, to that school alone; then everyone, while the seats that migrant pupils are
    still owed are held for them; then everyone left, with nothing held.
    """
    free = {school["school_id"]: school["seats"] for school in rules["schools"]}
    owed = rules["migrant_guarantee"]
    rounds = [("sibling", True)] if rules["siblings_first"] else []
    for wanted, holds in [*rounds, ("wishes", True), ("wishes", False)]:
        waiting = [family for family in order if family["place"] is None]
        coming = sum(family["size"] for family in waiting if family["migrant"])
        for family in waiting:
            size = family["size"]
            if family["migrant"] and wanted == "wishes":
                coming -= size
            held = min(max(owed, 0), coming) if holds and not family["migrant"] else 0
            if held and sum(max(left, 0) for left in free.values()) - size < held:
                continue
            needed = 1 if rules["groups_over_seats"] else size
            family["place"] = next((wish for wish in family[wanted] if free[wish[0]] >= needed), None)
            if family["place"] is None:
                continue
            free[family["place"][0]] -= size
            if family["migrant"]:
                owed -= size
                coming -= size if wanted == "sibling" else 0


def lottery(rows: list[dict[str, str]], rules: dict[str, Any], seed: str) -> list[dict[str, str]]:
    """Draw a lottery (电脑派位): everyone in the order drawn, with a school or a place on the waiting list."""
    order = draw_order(rows, rules, seed)
    admit(order, rules)
    result = []
    waiting = 0
    for number, family in enumerate(order, 1):
        waiting += family["place"] is None
        school, way = family["place"] or ("", "")
        result += [
            {
                "draw_no": str(number), "application_no": row["application_no"], "priority": row.get("priority", ""),
                "lot": family["lot"], "school_id": school, "admitted_by": way,
                "waiting_no": "" if school else str(waiting),
            }
            for row in family["rows"]
        ]  # fmt: skip
    return result


def class_places(placed: list[tuple[int, int]], boys: int, girls: int, slack: int) -> list[tuple[int, int]] | None:
    """Fix the boys and girls of each class beyond those placed already; ``None`` where that is impossible.

    Sizes differ by one at most; the boys of a class, and its girls, lie within ``slack`` of the even share rounded
    down and up. Every combination is weighed: ``reach[c][r]`` has bit ``b`` where the first ``c`` classes, ``r`` of
    them of the larger size, can hold ``b`` boys.
    """
    count = len(placed)
    small, larger = divmod(boys + girls, count)
    fewest = max(boys // count - slack, 0), max(girls // count - slack, 0)
    most = -(-boys // count) + slack, -(-girls // count) + slack
    spans = []
    for b, g in placed:
        span = []
        for extra in (1, 0):
            size = small + extra
            first, last = max(fewest[0], b, size - most[1]), min(most[0], size - max(fewest[1], g))
            if first <= last:
                span.append((extra, first, last))
        spans.append(span)
    reach = [[0] * (larger + 1) for _ in range(count + 1)]
    reach[0][0] = 1
    for c, span in enumerate(spans):
        for extra, first, last in span:
            for r in range(extra, larger + 1):
                for b in range(first, last + 1):
                    reach[c + 1][r] |= reach[c][r - extra] << b
    if not reach[count][larger] >> boys & 1:
        return None
    rooms = []
    r, left = larger, boys
    for c in range(count - 1, -1, -1):
        extra, b = next(
            (extra, b)
            for extra, first, last in spans[c]
            for b in range(first, min(last, left) + 1)
            if extra <= r and reach[c][r - extra] >> (left - b) & 1
        )
        rooms.append((b - placed[c][0], small + extra - b - placed[c][1]))
        r, left = r - extra, left - b
    return rooms[::-1]


class NoClassesError(ValueError):
    """Siblings do not fit into classes of one size as they ask."""


class GroupSearch:
    """Looks for classes of the siblings who ask to be together or apart, so that all classes can be even."""

    def __init__(self, groups: list[list[list[dict[str, str]]]], rows: list[dict[str, str]], count: int) -> None:
        self.groups = groups
        self.boys = sum(row["sex"] == BOY for row in rows)
        self.girls = len(rows) - self.boys
        self.placed = [(0, 0)] * count
        self.slack = 0
        self.steps = 0
        self.failed: set[tuple[int, tuple[tuple[int, int], ...]]] = set()

    def run(self, slack: int) -> list[list[int]] | None:
        """Search all ways until one allows even classes: the class of each piece of each group."""
        self.slack, self.steps = slack, 0
        self.failed.clear()
        return self._next(0, [])

    def _next(self, number: int, chosen: list[list[int]]) -> list[list[int]] | None:
        if class_places(self.placed, self.boys, self.girls, self.slack) is None:
            return None
        if number == len(self.groups):
            return chosen
        state = number, tuple(sorted(self.placed))
        if state in self.failed or self.steps >= MOST_STEPS:
            return None
        found = self._piece(number, [], chosen)
        if found is None:
            self.failed.add(state)
        return found

    def _piece(self, number: int, used: list[int], chosen: list[list[int]]) -> list[list[int]] | None:
        pieces = self.groups[number]
        if len(used) == len(pieces):
            return self._next(number + 1, [*chosen, used])
        piece = pieces[len(used)]
        boys = sum(row["sex"] == BOY for row in piece)
        tried = set()
        for c in sorted(range(len(self.placed)), key=lambda each: (sum(self.placed[each]), each)):
            before = self.placed[c]
            if c in used or before in tried or self.steps >= MOST_STEPS:
                continue
            tried.add(before)
            self.steps += 1
            self.placed[c] = before[0] + boys, before[1] + len(piece) - boys
            found = self._piece(number, [*used, c], chosen)
            if found is not None:
                return found
            self.placed[c] = before
        return None


def sibling_pieces(rows: list[dict[str, str]], seed: str) -> list[list[list[dict[str, str]]]]:
    """List the groups that ask to be together (one piece) or apart (a piece a pupil), large ones first."""
    asked = [family for family in families(rows) if len(family) > 1 and family[0].get("sibling_class", "")]
    asked.sort(key=lambda family: (-len(family), lot(seed, "pupil", family[0]["application_no"])))
    return [[f] if f[0]["sibling_class"] == TOGETHER else [[row] for row in f] for f in asked]


def deal(rows: list[dict[str, str]], rooms: list[int], seed: str) -> list[tuple[int, dict[str, str]]]:
    """Deal pupils in the order of their lots to the classes in turn, passing by those without room."""
    dealt: list[tuple[int, dict[str, str]]] = []
    waiting = sorted(rows, key=lambda row: lot(seed, "pupil", row["application_no"]))
    for turn in range(max(rooms, default=0)):
        for c, room in enumerate(rooms):
            if turn < room:
                dealt.append((c, waiting[len(dealt)]))
    return dealt


def classes(rows: list[dict[str, str]], rules: dict[str, Any], seed: str) -> tuple[list[dict[str, str]], int, bool]:
    """Draw classes (电脑随机分班) whose sizes differ by one at most and whose sexes are as even as can be.

    Siblings who ask for it are placed first, then boys and girls are dealt out by lot. Only then are the classes given
    their numbers by lot, so that every pupil is as likely to come into one class as into any other; teams of teachers
    are drawn to the numbers last.

    Returns
    -------
    rows : list of dict
        One a pupil, by class and application number.
    slack : int
        By how many the boys (or girls) of a class may lie beyond the even share; 0 where they differ by one at most.
    proven : bool
        Whether no smaller ``slack`` is possible.
    """
    count = rules["classes"]
    groups = sibling_pieces(rows, seed)
    search = GroupSearch(groups, rows, count)
    proven = True
    for slack in range(len(rows) + 1):
        chosen = search.run(slack)
        if chosen is not None:
            break
        proven = proven and search.steps < MOST_STEPS
    else:
        raise NoClassesError
    rooms = class_places(search.placed, search.boys, search.girls, slack) or []
    seats = [(c, row) for g, group in enumerate(groups) for p, c in enumerate(chosen[g]) for row in group[p]]
    taken = {row["application_no"] for _, row in seats}
    for sex, each in ((BOY, 0), (GIRL, 1)):
        free = [row for row in rows if row["sex"] == sex and row["application_no"] not in taken]
        seats += deal(free, [room[each] for room in rooms], seed)
    numbers = sorted(range(1, count + 1), key=lambda number: lot(seed, "class", str(number)))
    teams = sorted(rules["teams"], key=lambda team: lot(seed, "team", team))
    result = [
        {
            "class_no": str(numbers[c]), "application_no": row["application_no"], "sex": row["sex"],
            "lot": lot(seed, "pupil", row["application_no"]), "team": teams[numbers[c] - 1] if teams else "",
        }
        for c, row in seats
    ]  # fmt: skip
    result.sort(key=lambda row: (int(row["class_no"]), row["application_no"]))
    return result, slack, proven


def result_table(rows: list[dict[str, str]], rules: dict[str, Any], seed: str) -> bytes:
    """Draw by the published rules, and spell ``result.csv``."""
    if rules["kind"] == "classes":
        return write_table(CLASS_RESULT, classes(rows, rules, seed)[0])
    return write_table(LOTTERY_RESULT, lottery(rows, rules, seed))


def check_commitment(folder: Path) -> list[tuple[bool, str, str]]:
    """Compare the roster, the rules and the program with what was published before the draw."""
    stated = json.loads((folder / COMMITMENT).read_text(encoding="utf-8"))
    lines = []
    for name, key in ((ROSTER, "roster_sha256"), (RULES, "rules_sha256"), (SCRIPT, "script_sha256")):
        same = (folder / name).is_file() and sha256((folder / name).read_bytes()) == stated[key]
        zh = "与抽签前公布的一致" if same else "与抽签前公布的不一致，已被改动或缺失"
        en = "is what was published" if same else "is not what was published before the draw: changed or missing"
        lines.append((same, f"{name} {zh}", f"{name} {en}"))
    return lines


def check_draw(folder: Path, drawn: Path) -> list[tuple[bool, str, str]]:
    """Draw again from the published files, and compare with the published result byte by byte."""
    commitment = sha256((folder / COMMITMENT).read_bytes())
    text = (drawn / SEED).read_text(encoding="utf-8")
    rules = json.loads((folder / RULES).read_text(encoding="utf-8"))
    digits = text.split("\n")[2:-1]
    is_real = drawn.name == DRAW
    asked = [value["digits"] for value in rules["public_values"]]
    if text != seed_text(commitment, digits, rehearsal=not is_real) or (is_real and list(map(len, digits)) != asked):
        zh = f"{drawn.name}/{SEED} 不是按公布的办法生成的种子"
        return [(False, zh, f"{drawn.name}/{SEED} was not made as was published")]
    record = json.loads((drawn / RECORD).read_text(encoding="utf-8"))
    if [digits_of(value) for value in record["values"]] != digits:
        zh = f"{drawn.name}/{RECORD} 所记公开的数与种子不同"
        return [(False, zh, f"the values in {drawn.name}/{RECORD} are not those of the seed")]
    seed = sha256((drawn / SEED).read_bytes())
    expected = result_table(read_table((folder / ROSTER).read_bytes()), rules, seed)
    same = (drawn / RESULT).is_file() and (drawn / RESULT).read_bytes() == expected
    count = expected.count(b"\n") - 1
    name = f"{drawn.name}/{RESULT}"
    if not same:
        return [(False, f"{name} 与重抽的结果不同", f"{name} differs from what the draw gives")]
    changed = [file for file, stated in record["files"].items() if sha256((drawn / file).read_bytes()) != stated]
    if changed:
        zh = f"{drawn.name} 中的 {'、'.join(changed)} 在抽签后被改动"
        return [(False, zh, f"changed since the draw in {drawn.name}: {', '.join(changed)}")]
    kind = ("正式抽签", "the draw") if is_real else ("模拟抽签（不作数）", "a rehearsal, which does not count")
    return [(True, f"{kind[0]}：重抽 {count} 人，{name} 逐字节相同；种子 {seed}",
             f"{kind[1]}: {count} drawn again, {name} is the same byte for byte; seed {seed}")]  # fmt: skip


def check_folder(folder: Path) -> list[tuple[bool, str, str]]:
    """Check everything in a published folder: whether each thing holds, and words in Chinese and English."""
    try:
        lines = check_commitment(folder)
        drawn = sorted(path.parent for path in folder.glob(f"*/{SEED}"))
        if all(holds for holds, _, _ in lines):
            for each in drawn:
                lines += check_draw(folder, each)
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"{type(error).__name__}: {error}"
        return [(False, f"文件缺失或损坏（{what}）", f"a file is missing or damaged ({what})")]
    if not any(each.name == DRAW for each in drawn):
        lines.append((True, "尚未正式抽签", "the draw has not taken place yet"))
    return lines


def main(arguments: list[str]) -> int:
    """Check the folder that holds this file, or the one named; end with 0 where everything holds."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    lines = check_folder(folder)
    if (folder / COMMITMENT).is_file():
        announced = sha256((folder / COMMITMENT).read_bytes())
        sys.stdout.write(f"承诺哈希 commitment {announced}\n    应与公告所载一致 must be the one announced\n")
    for holds, zh, en in lines:
        sys.stdout.write(f"{'✓' if holds else '✗'} {zh}\n    {en}\n")
    return 0 if all(holds for holds, _, _ in lines) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
