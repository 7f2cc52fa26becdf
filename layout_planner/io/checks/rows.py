"""Contradictions within one row of the school table: counts of pupils, classes, teachers, boarders and rooms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from layout_planner.errors import Severity, Text, counted
from layout_planner.grades import GRADES, Tier, grade_label
from layout_planner.io.cells import fold
from layout_planner.io.checks.contradiction import Contradiction, Row, number, pupils_of, rows_of, warn
from layout_planner.io.checks.quantities import areas, per_pupil
from layout_planner.io.loaded import Loaded

__all__ = ["check_rows"]

_LARGEST_MEAN, _SMALLEST_MEAN = 100, 3
_SEATS_RANGE = (0.3, 1.25)
_MOST_PER_TEACHER = 60
_FEW_PUPILS = ((5, 1), (20, 3))
"""From so many teachers on, fewer pupils a teacher than this are implausible."""
_CAPS = {Tier.TEACHING_POINT: (30, 30), Tier.JUNIOR: (50, 50), Tier.NINE_YEAR: (45, 50)}
_NAME_MARKS = (
    ("教学点", (Tier.TEACHING_POINT,)),
    ("九年一贯制", (Tier.NINE_YEAR,)),
    ("初级中学", (Tier.JUNIOR, Tier.NINE_YEAR)),
    ("中心小学", (Tier.CENTRAL_PRIMARY, Tier.PRIMARY, Tier.NINE_YEAR)),
)
_NAMES_APART = re.compile(r"[、，,;；/\s]+")
Check = Callable[[Row], Iterator[Contradiction]]


def check_rows(schools: Loaded) -> None:
    """Report every row of the school table that contradicts itself.

    Parts are held against totals, figures per pupil against totals ÷ pupils (within the rounding of the stated
    figure), classes × size against enrolment, rooms against classes and seats, staff against teachers, beds against
    dormitories, and a closed school against what it still reports.
    """
    for row, school in rows_of(schools):
        for found in (f for check in _CHECKS for f in check(school)):
            warn(schools, row, found)


def _grade_range(school: Row) -> Iterator[Contradiction]:
    low, high = school["grade_from"], school["grade_to"]
    for column, grade in (("grade_from", low), ("grade_to", high)):
        if grade is not None and not 1 <= grade <= 9:
            what = Text(f"年级须在 1—9 之间，现为 {grade}", f"grades run from 1 to 9, found {grade}")
            yield Contradiction("grade_range", (column,), what, Text("改为 1—9", "write 1 to 9"), Severity.ERROR)
    if low is not None and high is not None and low > high:
        what = Text(f"起始年级 {low} 大于终止年级 {high}", f"the first grade {low} comes after the last, {high}")
        mend = Text("两列对调", "swap them")
        yield Contradiction("grades_reversed", ("grade_from", "grade_to"), what, mend, Severity.ERROR)


def _taught(school: Row) -> tuple[int, int] | None:
    """Give the first and last grade of a school, ``None`` where its row does not make sense."""
    low, high = school["grade_from"], school["grade_to"]
    if not school["tier"] or (low is not None and high is not None and low > high):
        return None
    first, last = Tier(school["tier"]).default_grades
    return (first if low is None else int(low)), (last if high is None else int(high))


def _grades_taught(school: Row) -> Iterator[Contradiction]:
    taught = _taught(school)
    if taught is None:
        return
    first, last = taught
    for grade in GRADES:
        column = f"enrol_g{grade}"
        pupils = school[column]
        if pupils and not first <= grade <= last:
            yield Contradiction(
                "enrolment_outside_grades",
                (column, "grade_from", "grade_to"),
                Text(
                    f"不开设{grade_label(grade)}（{first}—{last} 年级），却有 {pupils} 名学生",
                    f"it teaches grades {first} to {last} but has {counted(pupils, 'pupil')} in grade {grade}",
                ),
                Text(
                    "核对起止年级和学生数是否填错列", "check the grades, and that the pupils stand in the right column"
                ),
            )


def _tier(school: Row) -> Iterator[Contradiction]:
    """Hold a school's name and grades against its type."""
    if not school["tier"]:
        return
    tier = Tier(school["tier"])
    name = fold(school["name"] or "")
    for mark, allowed in _NAME_MARKS:
        if name.endswith((mark, mark + "学校")) and tier not in allowed:
            yield Contradiction(
                "tier_name",
                ("tier", "name"),
                Text(f"校名是“{mark}”，类别却是{tier.label_zh}", f"the name says {mark}, the type {tier.value}"),
                Text(f"学校类别似应为{allowed[0].label_zh}", f"the type is probably {allowed[0].value}"),
            )
            break
    low, high = school["grade_from"], school["grade_to"]
    junior = tier is Tier.JUNIOR and low is not None and low < 7
    primary = tier not in (Tier.JUNIOR, Tier.NINE_YEAR) and high is not None and high > 6
    if (junior or primary) and _taught(school):
        yield Contradiction(
            "tier_grades",
            ("tier", "grade_from", "grade_to"),
            Text(f"{tier.label_zh}却开设 {low}—{high} 年级", f"a {tier.value} that teaches grades {low} to {high}"),
            Text(
                "小学初中都办的改为九年一贯制学校，否则改正年级", "call it nine-year if it is, else correct the grades"
            ),
        )


_PARTS = (
    (tuple(f"enrol_g{g}" for g in GRADES), "parts_total", "各年级之和", "the grades"),
    (("boys", "girls"), "sex_total", "男女生之和", "boys and girls"),
    (("pupils_central", "pupils_branches"), "campus_total", "校本部与下属校点之和", "main campus and branches"),
)


def _parts(school: Row) -> Iterator[Contradiction]:
    """Hold the parts of the enrolment against its total."""
    total = school["enrolment"]
    for columns, code, zh, en in _PARTS:
        parts = [school[c] for c in columns if school[c] is not None]
        whole = len(parts) == len(columns) or (code == "parts_total" and bool(parts))
        if total is None or not whole or sum(parts) == total:
            continue
        yield Contradiction(
            code,
            ("enrolment", *columns),
            Text(
                f"{zh} {sum(parts)} 与在校生总数 {total} 不符", f"{en} add up to {sum(parts)}, the total says {total}"
            ),
            Text(
                f"在校生总数似应为 {sum(parts)}；总数无误时核对各部分",
                f"the total is probably {sum(parts)}; if it is right, check the parts",
            ),
        )
    for column, zh, en in (("girls", "女生", "girls"), ("boys", "男生", "boys")):
        if total is not None and school[column] is not None and school[column] > total:
            yield Contradiction(
                f"{column}_pupils",
                (column, "enrolment"),
                Text(f"{zh} {school[column]} 多于在校生 {total}", f"{school[column]} {en} among {total} pupils"),
                Text(f"{zh}数应不超过 {total}", f"there can be at most {total}"),
            )
    counts = [school[f"classes_g{g}"] for g in GRADES if school[f"classes_g{g}"] is not None]
    classes = school["classes"]
    if counts and classes is not None and sum(counts) != classes:
        yield Contradiction(
            "classes_total",
            ("classes", *(f"classes_g{g}" for g in GRADES)),
            Text(f"各年级班数之和 {sum(counts)} 与现有班数 {classes} 不符",
                 f"the classes by grade add up to {sum(counts)}, the total says {classes}"),
            Text(f"现有班数似应为 {sum(counts)}；有复式班的注明", f"the total is probably {sum(counts)}"),
        )  # fmt: skip
    named = [n for n in _NAMES_APART.split(school["branch_names"] or "") if n]
    if named and school["branches"] is not None and len(named) != school["branches"]:
        yield Contradiction(
            "branches_named",
            ("branches", "branch_names"),
            Text(f"填 {school['branches']} 所下属校点，却列出 {len(named)} 个校名",
                 f"{school['branches']} branches are stated but {len(named)} named"),
            Text(f"下属校点数似应为 {len(named)}，或删去已停办的校名", f"probably {len(named)}, or one is closed"),
        )  # fmt: skip


_LEFT_OVER = (
    ("enrolment", "名学生", "pupils", Severity.WARNING),
    ("classes", "个班", "classes", Severity.WARNING),
    ("teachers", "名专任教师", "teachers", Severity.WARNING),
    ("boarders", "名寄宿生", "boarders", Severity.WARNING),
    ("seats", "个学位", "seats", Severity.NOTE),
    ("beds", "张床位", "beds", Severity.NOTE),
)
_LEFT_CODE = {"enrolment": "pupils"}


def _not_open(school: Row) -> Iterator[Contradiction]:
    """Report what a closed school still counts, and the pupils of a planned one."""
    status = school["status"]
    if status not in ("closed", "planned"):
        return
    word = "已停办" if status == "closed" else "尚未办学"
    for column, zh, en, severity in _LEFT_OVER:
        value = pupils_of(school) if column == "enrolment" else school[column]
        if not value or (status == "planned" and column in ("seats", "beds")):
            continue
        yield Contradiction(
            f"{status}_with_{_LEFT_CODE.get(column, column)}",
            ("status", column),
            Text(f"{word}，却有 {value} {zh}", f"it is {status} but has {value} {en}"),
            Text(
                "仍在办学的把办学状态改为“在办”，否则清空这一格",
                "write active if it still teaches, else clear the cell",
            ),
            severity,
        )


def _boarding(school: Row) -> Iterator[Contradiction]:
    boarders, beds, pupils = school["boarders"], school["beds"], pupils_of(school)
    if boarders is not None and beds is not None and boarders > beds:
        yield Contradiction(
            "boarders_beds",
            ("boarders", "beds"),
            Text(f"寄宿生 {boarders} 多于床位 {beds}", f"{counted(boarders, 'boarder')} in {counted(beds, 'bed')}"),
            Text(f"核对两数；一人一床时床位不少于 {boarders}", f"check both; {boarders} boarders need {boarders} beds"),
        )
    if boarders and pupils and boarders > pupils:
        yield Contradiction(
            "boarders_pupils",
            ("boarders", "enrolment"),
            Text(
                f"寄宿生 {boarders} 多于在校生 {pupils}",
                f"{counted(boarders, 'boarder')} among {counted(pupils, 'pupil')}",
            ),
            Text(f"寄宿生数应不超过 {pupils}", f"at most {pupils} can board"),
        )
    taught = _taught(school)
    if boarders and taught and taught[1] <= 3:
        yield Contradiction(
            "boarders_young",
            ("boarders", "grade_to"),
            Text(f"只办到{grade_label(taught[1])}，却有 {boarders} 名寄宿生",
                 f"it ends with grade {taught[1]} but has {boarders} boarders"),
            Text("1—3 年级原则上不寄宿，核对寄宿生数和年级", "grades 1 to 3 do not board: check both"),
        )  # fmt: skip
    dorm = school["dorm_m2"]
    if beds and dorm is not None and dorm < beds:
        yield Contradiction(
            "beds_without_dormitory",
            ("dorm_m2", "beds"),
            Text(f"{beds} 张床位，宿舍面积却只有 {number(dorm)} 平方米",
                 f"{beds} beds in a dormitory of {number(dorm)} m²"),
            Text("补填宿舍面积（一床不少于 3 平方米），没有宿舍的床位改为 0", "fill in the dormitory, or no beds"),
        )  # fmt: skip
    if dorm and beds == 0:
        yield Contradiction(
            "dormitory_without_beds",
            ("beds", "dorm_m2"),
            Text(f"有宿舍 {number(dorm)} 平方米，却没有床位", f"a dormitory of {number(dorm)} m² without beds"),
            Text("补填床位数，教师宿舍不计入", "fill in the beds; staff housing does not count"),
        )


def _classes(school: Row) -> Iterator[Contradiction]:
    classes, pupils, rooms = school["classes"], pupils_of(school), school["rooms"]
    if school["status"] != "active" or pupils is None or classes is None:
        return
    check = Text("核对班数和在校生数", "check classes and enrolment")
    if pupils and not classes:
        what = Text(f"有 {pupils} 名学生，班数却为 0", f"{counted(pupils, 'pupil')} but no class")
        yield Contradiction("pupils_without_classes", ("classes", "enrolment"), what, check)
    elif classes and not pupils:
        what = Text(f"有 {classes} 个班，却没有学生", f"{counted(classes, 'class', 'classes')} but no pupils")
        yield Contradiction("classes_without_pupils", ("classes", "enrolment"), what, check)
    elif classes and (pupils / classes > _LARGEST_MEAN or (classes > 1 and pupils / classes < _SMALLEST_MEAN)):
        what = Text(
            f"平均每班 {number(pupils / classes)} 人，不合常理",
            f"{number(pupils / classes)} pupils a class is implausible",
        )
        yield Contradiction("class_size_odd", ("classes", "enrolment"), what, check)
    largest = school["class_size_max"]
    if classes and largest is not None and (largest > pupils or largest * classes < pupils):
        if largest > pupils:
            what = Text(f"最大班额 {largest} 多于在校生 {pupils}", f"a class of {largest} among {pupils} pupils")
        else:
            what = Text(
                f"{classes} 个班、最大班额 {largest}，至多 {classes * largest} 人，在校生却有 {pupils}",
                f"{classes} classes of at most {largest} hold {classes * largest}, the enrolment says {pupils}",
            )
        mend = Text(f"最大班额应在 {-(-pupils // classes)} 与 {pupils} 之间，或核对班数",
                    f"the largest class has {-(-pupils // classes)} to {pupils}, or check the classes")  # fmt: skip
        yield Contradiction("class_size_max", ("class_size_max", "classes", "enrolment"), what, mend)
    if rooms is not None and rooms < classes:
        yield Contradiction(
            "rooms_classes",
            ("rooms", "classes"),
            Text(
                f"教室 {rooms} 间少于 {classes} 个班",
                f"{counted(rooms, 'classroom')} for {counted(classes, 'class', 'classes')}",
            ),
            Text(f"普通教室数似应不少于 {classes}；借用的也计入", f"at least {classes} rooms, borrowed ones included"),
        )


def _seats(school: Row) -> Iterator[Contradiction]:
    rooms, seats = school["rooms"], school["seats"]
    if not school["tier"] or not rooms or seats is None or school["status"] == "closed":
        return
    low, high = _CAPS.get(Tier(school["tier"]), (45, 45))
    if not _SEATS_RANGE[0] * rooms * low <= seats <= _SEATS_RANGE[1] * rooms * high:
        caps = f"{low}" if low == high else f"{low}—{high}"
        likely = f"{rooms * low}" if low == high else f"{rooms * low}—{rooms * high}"
        yield Contradiction(
            "seats_rooms",
            ("seats", "rooms"),
            Text(f"{rooms} 间教室、每班 {caps} 人，合 {likely} 个学位，填的却是 {seats}",
                 f"{rooms} rooms of {caps} make {likely} seats, the table says {seats}"),
            Text(f"核定学位数似应为 {likely}，或核对教室数", f"the seats are probably {likely}, or check the rooms"),
        )  # fmt: skip


def _teachers(school: Row) -> Iterator[Contradiction]:
    teachers, staff, pupils = school["teachers"], school["staff"], pupils_of(school)
    if teachers is not None and staff is not None and teachers > staff:
        yield Contradiction(
            "teachers_staff",
            ("teachers", "staff"),
            Text(f"专任教师 {teachers} 多于教职工 {staff}", f"{teachers} teachers among {staff} staff"),
            Text(f"教职工数应不少于 {teachers}", f"the staff are at least {teachers}"),
        )
    if school["status"] != "active" or not pupils or teachers is None:
        return
    if not teachers:
        what = Text(f"有 {pupils} 名学生，专任教师却为 0", f"{counted(pupils, 'pupil')} but no teacher")
        mend = Text("补填专任教师数，走教、支教的也计入", "fill in the teachers, those on loan included")
        yield Contradiction("pupils_without_teachers", ("teachers", "enrolment"), what, mend)
    elif (pupils > _LARGEST_MEAN and pupils / teachers > _MOST_PER_TEACHER) or any(
        teachers >= many and pupils < few * teachers for many, few in _FEW_PUPILS
    ):
        what = Text(f"{pupils} 名学生、{teachers} 名专任教师，不合常理",
                    f"{counted(pupils, 'pupil')} with {counted(teachers, 'teacher')} is implausible")  # fmt: skip
        mend = Text("核对专任教师数的位数", "check the digits of the teachers")
        yield Contradiction("pupils_teachers_odd", ("teachers", "enrolment"), what, mend)


_CHECKS: tuple[Check, ...] = (
    _grade_range,
    _grades_taught,
    _tier,
    _parts,
    _not_open,
    _boarding,
    _classes,
    _seats,
    _teachers,
    areas,
    per_pupil,
)
