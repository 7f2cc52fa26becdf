"""The column registry: every quantity declared once, with its dtype, unit, labels and accepted headers.

Reading, checking, labelling, templates and documents all come from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from layout_planner.columns_admission import ADMISSION, ADMISSION_FLOWS, ADMISSION_RESULTS, CLAIMS
from layout_planner.columns_checks import CHECK_REPORT, CHECK_SUMMARY, CHECKS, READ_TABLES
from layout_planner.columns_classes import (
    CLASS_PLAN,
    CLEARING_ACTIONS,
    CLEARING_WAYS,
    DISTRICT_SCHOOLS,
    DISTRICT_UNITS,
    DISTRICTS,
    GRADE_ASSIGNMENT,
    GRADE_LOADS,
    LARGE_CLASSES,
    ORGANISATION_SITES,
    ORGANISATIONS,
    STAFFING,
)
from layout_planner.columns_dossier import CASE_TABLES
from layout_planner.columns_forecast import FORECAST, FORECAST_SCHOOLS, FORECAST_YEARS
from layout_planner.columns_forms import FORM_COLUMNS, with_form_names
from layout_planner.columns_layout import (
    ALTERNATIVE_SCHOOLS,
    ALTERNATIVES,
    CONFLICT_VILLAGES,
    CONFLICTS,
    FRONT,
    LAYOUT_DECISIONS,
    LOSERS,
    PASSED_BY,
    PRICES,
    ROBUST_CASES,
    ROBUST_SCHOOLS,
)
from layout_planner.columns_lottery import (
    CLASS_DRAW_RESULT,
    CLASS_DRAW_SUMMARY,
    CLASS_ROSTER,
    LOTTERY_RESULT,
    LOTTERY_ROSTER,
    LOTTERY_SCHOOLS,
    LOTTERY_SHARES,
    LOTTERY_WAITING,
    REFUSED_HEADERS,
)
from layout_planner.columns_measures import (
    ACCESS,
    BALANCE,
    BALANCE_INDICATORS,
    BALANCE_SCHOOLS,
    COMPARISON,
    CONDITIONS,
    COVERAGE,
    EQUITY,
    IN_ZONE,
    LORENZ,
    PROVISION,
    REACH,
    RELEASED,
    UNITS,
)
from layout_planner.columns_rules import RULES, VETOES
from layout_planner.columns_study import STUDY_FLOWS, STUDY_MEASURES, STUDY_REASONS, STUDY_SHARES, VILLAGE_ENROLMENT
from layout_planner.columns_zones import (
    ATTENDANCE,
    ATTENDANCE_AREAS,
    ZONE_CHANGES,
    ZONE_EFFECTS,
    ZONE_FAULTS,
    ZONE_PARTS,
    ZONE_SCARCITY,
    ZONE_UNITS,
    ZONES,
)
from layout_planner.grades import GRADES, GradeBand, grade_label, grade_pupils_column
from layout_planner.registry import BAND as _BAND
from layout_planner.registry import PUPILS as _N
from layout_planner.registry import Column, Kind, Table, label, unit_word

__all__ = [
    "ACCESS",
    "ADMISSION",
    "ADMISSION_FLOWS",
    "ADMISSION_RESULTS",
    "ALTERNATIVES",
    "ALTERNATIVE_SCHOOLS",
    "ATTENDANCE",
    "ATTENDANCE_AREAS",
    "BALANCE",
    "BALANCE_INDICATORS",
    "BALANCE_SCHOOLS",
    "CASE_TABLES",
    "CHECKS",
    "CHECK_REPORT",
    "CHECK_SUMMARY",
    "CHILDREN_BY_AGE",
    "CLAIMS",
    "CLASS_DRAW_RESULT",
    "CLASS_DRAW_SUMMARY",
    "CLASS_PLAN",
    "CLASS_ROSTER",
    "CLEARING_ACTIONS",
    "CLEARING_WAYS",
    "COMPARISON",
    "CONFLICTS",
    "CONFLICT_VILLAGES",
    "COVERAGE",
    "DISTRICTS",
    "DISTRICT_SCHOOLS",
    "DISTRICT_UNITS",
    "EQUITY",
    "FORECAST",
    "FORECAST_SCHOOLS",
    "FORECAST_YEARS",
    "FRONT",
    "GRADE_ASSIGNMENT",
    "GRADE_LOADS",
    "IN_ZONE",
    "LARGE_CLASSES",
    "LAYOUT_DECISIONS",
    "LORENZ",
    "LOSERS",
    "LOTTERY_RESULT",
    "LOTTERY_ROSTER",
    "LOTTERY_SCHOOLS",
    "LOTTERY_SHARES",
    "LOTTERY_WAITING",
    "ORGANISATIONS",
    "ORGANISATION_SITES",
    "PASSED_BY",
    "PRICES",
    "PROVISION",
    "REACH",
    "READ_TABLES",
    "REFUSED_HEADERS",
    "RELEASED",
    "ROBUST_CASES",
    "ROBUST_SCHOOLS",
    "RULES",
    "STAFFING",
    "STUDY_FLOWS",
    "STUDY_MEASURES",
    "STUDY_REASONS",
    "STUDY_SHARES",
    "TABLES",
    "UNITS",
    "VETOES",
    "VILLAGE_ENROLMENT",
    "ZONES",
    "ZONE_CHANGES",
    "ZONE_EFFECTS",
    "ZONE_FAULTS",
    "ZONE_PARTS",
    "ZONE_SCARCITY",
    "ZONE_UNITS",
    "Column",
    "Kind",
    "Table",
    "label",
    "table",
    "unit_word",
]

_SCHOOL_ID = Column("school_id", "id", "学校代码", "school code", synonyms=("学校标识码", "机构标识码", "学校（机构）标识码", "学校编码", "学校（机构）代码", "代码", "编码", "id", "code"), required=True, about="教育机构标识码，文本")  # fmt: skip
_SCHOOL_NAME = Column(
    "name",
    "text",
    "学校名称",
    "school",
    synonyms=("校名", "学校", "名称", "学校（机构）名称", "机构名称", "学校全称", "单位名称", "school name"),
    required=True,
)
_TOWNSHIP_ID = Column("township_id", "id", "乡镇代码", "township code", synonyms=("乡镇编码", "乡镇区划代码", "街道代码", "所属乡镇代码", "所在乡镇代码", "乡镇（街道）代码"))  # fmt: skip
_TOWNSHIP = Column("township", "text", "所属乡镇", "township", synonyms=("乡镇", "乡镇街道", "乡（镇）", "乡镇名称", "街道", "所在乡镇", "乡镇（街道）", "所属乡镇（街道）", "所在乡镇（街道）", "乡镇（街道）名称"))  # fmt: skip
_LON = Column("lon", "float", "经度", "longitude", "°", ("东经", "lng", "x", "x坐标", "横坐标", "long"), about="十进制度，或投影坐标的东向值")  # fmt: skip
_LAT = Column("lat", "float", "纬度", "latitude", "°", ("北纬", "y", "y坐标", "纵坐标"), about="十进制度，或投影坐标的北向值")  # fmt: skip
_PUPILS = tuple(
    Column(b.pupils_column, "float", f"{b.label_zh}学生数", f"pupils {b.value}", "人", (f"{b.value}学生", b.value, f"{b.label_zh}学生", f"{b.label_zh}人数", b.label_zh))
    for b in GradeBand
)  # fmt: skip
_PER_100_HOUSEHOLDS = tuple(
    Column(f"pupils_per_100_households_{b.pupils_column.removeprefix('pupils_')}", "float", f"每百户{b.label_zh}学生数", f"pupils {b.value} per 100 households", "人/百户",
           (f"百户{b.label_zh}学生数", f"每百户{b.value}学生数", f"每百户{b.label_zh}"), about="空白为按情景规定的每百户学生数")
    for b in GradeBand
)  # fmt: skip
_GRADE_PUPILS = tuple(
    Column(grade_pupils_column(g), "float", f"{grade_label(g)}学生数", f"pupils grade {g}", "人") for g in GRADES
)
_DIGIT_ZH = "一二三四五六七八九"
_ENROL = tuple(
    Column(f"enrol_g{g}", "int", f"{grade_label(g)}在校生", f"enrolment grade {g}", "人",
           (grade_label(g), f"{g}年级", f"{g}年级在校生", f"{grade_label(g)}人数", f"{_DIGIT_ZH[g - 1]}年级学生数", f"初{_DIGIT_ZH[g - 7]}" if g > 6 else f"小{_DIGIT_ZH[g - 1]}"))
    for g in GRADES
)  # fmt: skip

_GRADE_SEATS = tuple(
    Column(f"seats_g{g}", "int", f"{grade_label(g)}学位数", f"seats grade {g}", "人",
           (f"{grade_label(g)}学位", f"{g}年级学位数", f"{g}年级学位", f"{grade_label(g)}核定学位数", f"初{_DIGIT_ZH[g - 7]}学位数" if g > 6 else f"小{_DIGIT_ZH[g - 1]}学位数"),
           about="所设各年级都填才采用；空白由教室数和班额上限推算")
    for g in GRADES
)  # fmt: skip

_TOTAL_PUPILS = ("在校生", "在校生数", "学生数", "学生总数", "在校学生数", "在校学生", "在校学生总数", "在校人数", "学生人数", "合计在校生")  # fmt: skip
SCHOOLS = Table("schools", "学校基本情况", "schools", with_form_names((
    _SCHOOL_ID, _SCHOOL_NAME,
    Column("tier", "text", "学校类别", "school type", synonyms=("办学类型", "学校类型", "学校办学类型", "学校（机构）类型", "办学类别", "类别", "办学层次", "学校层级", "type", "tier"), required=True, about="教学点、村小、中心小学、城镇小学、初中、九年一贯制学校"),
    _TOWNSHIP_ID, _TOWNSHIP,
    Column("lon", "float", _LON.zh, _LON.en, _LON.unit, _LON.synonyms, True, _LON.about),
    Column("lat", "float", _LAT.zh, _LAT.en, _LAT.unit, _LAT.synonyms, True, _LAT.about),
    Column("status", "text", "办学状态", "status", synonyms=("状态", "办学情况", "办学现状", "是否在办", "是否办学"), about="在办、停办、拟建；空白为在办"),
    Column("organisation", "text", "所属法人学校", "legal school", synonyms=("法人学校", "法人单位", "所属法人", "所属法人单位", "所属法人学校代码", "所属中心学校", "所属中心校", "主管学校", "隶属学校", "所属主校", "主校", "总校", "organisation", "organization"), about="一校多点、一校多址：写主校的代码或名称，或法人单位的名称；空白为自成一校"),
    Column("grade_from", "int", "起始年级", "first grade", synonyms=("最低年级", "开设起始年级")),
    Column("grade_to", "int", "终止年级", "last grade", synonyms=("最高年级", "开设终止年级")),
    Column("rooms", "int", "普通教室数", "classrooms", "间", ("教室数", "教室", "普通教室", "classrooms")),
    Column("seats", "int", "核定学位数", "seats", "人", ("学位数", "学位", "核定学位", "办学规模", "核定规模", "核定办学规模", "设计规模", "seats")),
    Column("classes", "int", "现有班数", "classes", "班", ("班级数", "教学班数", "班数", "教学班", "班级总数")),
    Column("beds", "int", "寄宿床位数", "beds", "张", ("床位数", "床位", "宿舍床位", "宿舍床位数", "学生宿舍床位", "学生宿舍床位数")),
    Column("boarders", "int", "寄宿生数", "boarders", "人", ("寄宿生", "住校生", "住宿生", "寄宿学生数", "寄宿人数", "住宿生数", "住校生数")),
    Column("teachers", "int", "专任教师数", "teachers", "人", ("教师数", "专任教师", "教师")),
    Column("building_m2", "float", "校舍建筑面积", "building area", "平方米", ("建筑面积", "校舍面积")),
    Column("site_m2", "float", "占地面积", "site area", "平方米", ("校园占地面积", "用地面积")),
    Column("enrolment", "int", "在校生总数", "enrolment", "人", _TOTAL_PUPILS),
    *_ENROL, *_GRADE_SEATS, *FORM_COLUMNS, *CONDITIONS,
)), sheets=("学校", "学校表", "学校情况"))  # fmt: skip
ENROLMENT = Table("enrolment", "历年在校生", "enrolment by year", with_form_names((
    _SCHOOL_ID, Column("name", "text", "学校名称", "school", synonyms=_SCHOOL_NAME.synonyms),
    Column("year", "int", "学年", "school year", synonyms=("年度", "年份", "year"), required=True, about="秋季学年的起始年"),
    *_ENROL, Column("enrolment", "int", "在校生总数", "enrolment", "人", _TOTAL_PUPILS),
)), sheets=("历年学生数", "历年在校生数"))  # fmt: skip
TEACHERS = Table("teachers", "教师名册", "teachers", (
    Column("name", "text", "学校名称", "school", synonyms=_SCHOOL_NAME.synonyms),
    _SCHOOL_ID,
    Column("subject", "text", "任教学科", "subject", synonyms=("学科", "任教科目", "科目", "任课学科", "所教学科", "主教学科"), required=True, about="不需要教师姓名"),
    Column("post", "text", "岗位类别", "post", synonyms=("岗位", "人员类别", "教职工类别"), about="专任教师、行政人员、教辅人员、工勤人员；空白为专任教师"),
    Column("count", "int", "教师人数", "persons", "名", ("人数", "教师数", "专任教师数"), about="空白为一行一名教师"),
), sheets=("教师", "教师表"))  # fmt: skip
_COUNTED = Column("groups_counted", "text", "随迁和特教人数口径", "how groups are counted", synonyms=("群体人数口径", "人数口径", "口径"), about="其中：已含在学生数里；另计：在学生数之外。空白按情景的 demand.groups_counted；表头写“其中”的按“其中”")  # fmt: skip
_GROUPS = tuple(
    column
    for prefix, zh, en, synonyms, about in (
        ("migrant", "随迁子女", "migrant", ("随迁子女数", "随迁子女人数", "随迁学生数", "随迁学生", "进城务工人员随迁子女", "农民工随迁子女", "外来务工人员随迁子女"), "进城务工人员随迁子女"),
        ("special", "特殊教育学生", "special-education", ("特教学生数", "特教学生", "特殊教育学生数", "残疾学生数", "残疾儿童少年", "随班就读学生数"), "需要特殊教育的适龄儿童少年"),
    )
    for column in (
        Column(f"{prefix}_pupils", "float", f"{zh}总数", f"{en} pupils", "人", (zh, *synonyms), about=f"{about}，不分年级段；按各年级段学生数分摊"),
        *(Column(f"{prefix}_{b.pupils_column}", "float", f"{b.label_zh}{zh}", f"{en} pupils {b.value}", "人", (f"{zh}{b.value}", f"{zh}{b.label_zh}", f"{b.label_zh}{synonyms[0]}"), about=f"{about}；填了年级段的不再看总数") for b in GradeBand),
    )
)  # fmt: skip
VILLAGES = Table("villages", "村表", "villages", (
    Column("village_id", "id", "村代码", "village code", synonyms=("村编码", "行政村代码", "村（居）代码", "村（居）委会代码", "村居代码", "统计用区划代码", "代码", "编码", "id", "code"), required=True),
    Column("name", "text", "村名", "village", synonyms=("村名称", "行政村", "行政村名称", "村（居）", "村（居）名称", "村（居）委会", "村（居）委会名称", "村居名称", "村（社区）", "村", "名称"), about="空缺时以代码代替"),
    _TOWNSHIP_ID, _TOWNSHIP,
    Column("lon", "float", _LON.zh, _LON.en, _LON.unit, _LON.synonyms, True, _LON.about),
    Column("lat", "float", _LAT.zh, _LAT.en, _LAT.unit, _LAT.synonyms, True, _LAT.about),
    Column("people", "float", "人口", "population", "人", ("总人口", "常住人口", "户籍人口", "人口数", "pop"), about="没有学生数时按 demand.school_age_share 折算"),
    *_PUPILS, *_GROUPS, _COUNTED,
), sheets=("村", "村庄", "行政村", "各村"))  # fmt: skip
TOWNSHIPS = Table("townships", "乡镇", "townships", (
    Column("township_id", "id", "乡镇代码", "township code", synonyms=(*_TOWNSHIP_ID.synonyms, "adcode", "admincode", "code_county", "区划代码", "行政区划代码", "id", "code"), required=True),
    Column("name", "text", "乡镇名称", "township", synonyms=("名称", "乡镇", "所属乡镇", "NAME", "name_county"), required=True),
    Column("people", "float", "人口", "population", "人", ("总人口", "常住人口", "户籍人口", "人口数", "pop"), about="没有学生数时按 demand.school_age_share 折算"),
    *_PUPILS, *_GROUPS, _COUNTED,
), sheets=("乡镇表",))  # fmt: skip
_AGES = tuple(
    Column(f"children_age_{age}", "float", f"{age}岁人数", f"children aged {age}", "人", (f"{age}岁", f"{age}周岁", f"{age}周岁人数", f"{zh}岁", f"{zh}周岁"), about="学年开始（9 月 1 日）时的周岁")
    for age, zh in enumerate(("六", "七", "八", "九", "十", "十一", "十二", "十三", "十四"), 6)
)  # fmt: skip
CHILDREN_BY_AGE = tuple(column.name for column in _AGES)
"""Children by single year of age from 6 to 14, in a table with one row a township."""
TOWNSHIP_PUPILS = Table("township_pupils", "乡镇学生数", "pupils by township", (
    _TOWNSHIP_ID, Column("township", "text", "乡镇名称", "township", synonyms=(_TOWNSHIP.zh, *(s for s in _TOWNSHIP.synonyms if s != "乡镇名称"), "名称")),
    Column("grade", "text", "年级", "grade", synonyms=("年级段", "年级（段）", "所在年级"), about="一年级至九年级，或 1—3年级、4—6年级、7—9年级；一行一个年级时填写"),
    Column("age", "int", "年龄", "age", synonyms=("周岁", "周岁年龄", "岁", "年龄（周岁）", "年龄（岁）"), about="学年开始（9 月 1 日）时的周岁；一行一个年龄时填写"),
    Column("count", "float", "人数", "persons", "人", ("学生数", "学生人数", "在校生数", "适龄人口", "适龄儿童数", "适龄儿童人数", "儿童数", "合计", "总数"), about="本行年级或年龄的人数；按年龄填的乘以 demand.enrolment_rate"),
    *_PUPILS, *(replace(c, synonyms=e.synonyms) for c, e in zip(_GRADE_PUPILS, _ENROL, strict=True)), *_AGES,
), sheets=("乡镇人数", "各乡镇学生数", "乡镇适龄人口"))  # fmt: skip
PROJECTS = Table("projects", "住宅小区与建设项目", "housing and building projects", (
    Column("project_id", "id", "项目代码", "project code", synonyms=("项目编号", "项目编码", "小区代码", "小区编号", "小区编码", "楼盘编号", "编号", "代码", "编码", "id", "code"), required=True),
    Column("name", "text", "项目名称", "project", synonyms=("小区名称", "小区", "楼盘名称", "楼盘", "住宅小区", "安置点名称", "安置区名称", "名称", "项目"), required=True),
    Column("kind", "text", "项目类别", "kind of project", synonyms=("项目类型", "类别", "类型", "建设类别", "建设性质", "kind"), required=True, about="现有小区、在建住宅、规划住宅、安置区、新建学校、改扩建"),
    _TOWNSHIP_ID, _TOWNSHIP,
    Column("lon", "float", _LON.zh, _LON.en, _LON.unit, _LON.synonyms, True, _LON.about),
    Column("lat", "float", _LAT.zh, _LAT.en, _LAT.unit, _LAT.synonyms, True, _LAT.about),
    Column("households", "int", "户数", "households", "户", ("住户数", "总户数", "规划户数", "设计户数", "居民户数", "套数", "住宅套数"), about="住宅项目填写；没有逐套数据时填规划户数"),
    Column("completion_year", "int", "建成年份", "completion year", synonyms=("竣工年份", "交付年份", "建成年度", "建成时间", "竣工时间", "交付时间", "投用时间", "预计建成年份"), about="当年秋季学期前可入住或投用的年份；空白为已建成"),
    Column("occupancy", "share", "入住率", "occupancy", synonyms=("实际入住率", "预计入住率", "入住比例"), about="0 到 100%；空白为全部入住"),
    *_PER_100_HOUSEHOLDS,
    Column("migrant_share", "share", "随迁子女占比", "share of migrant pupils", synonyms=("随迁比例", "随迁子女比例"), about="住宅项目学生中随迁子女的比例；空白按 demand.migrant_share"),
    Column("school_id", "id", "改扩建学校代码", "school extended", synonyms=("学校代码", "学校标识码", "原学校代码"), about="改扩建项目填写所扩学校的代码"),
    Column("seats_added", "int", "新增学位数", "seats added", "人", ("新增学位", "增加学位", "增加学位数", "提供学位", "提供学位数", "学位数"), about="学校项目填写"),
    Column("rooms_added", "int", "新增普通教室数", "classrooms added", "间", ("新增教室", "新增教室数", "增加教室数", "教室数"), about="学校项目填写"),
    Column("note", "text", "备注", "note", synonyms=("说明", "注", "remarks")),
), sheets=("项目", "项目表", "小区", "住宅小区", "建设项目"))  # fmt: skip
BUILDINGS = Table("buildings", "建筑", "buildings", (
    Column("use", "text", "用途", "use", synonyms=("building", "建筑用途", "房屋用途", "使用性质", "建筑类型", "房屋类型", "类型", "fclass", "type"), about="居住以外的（商业、工业、学校、医院、办公等）不计；空白按居住"),
    Column("levels", "float", "层数", "levels", "层", ("building:levels", "地上层数", "楼层数", "floors", "num_floors", "storeys"), about="空白时由高度推算，都没有按 1 层"),
    Column("height", "float", "高度", "height", "米", ("建筑高度", "building:height"), about="每 3 米折 1 层"),
    Column("area_m2", "float", "占地面积", "footprint", "平方米", ("基底面积", "建筑占地面积", "shape_area"), about="只有点、没有轮廓的建筑用；都没有时每个点一样重"),
))  # fmt: skip
DEMAND = Table("demand", "需求点", "demand points", (
    Column("demand_id", "id", "需求点代码", "demand point", required=True),
    Column("name", "text", "名称", "name"),
    Column("village_id", "id", "村代码", "village code"), _TOWNSHIP_ID,
    Column("kind", "text", "来源", "kind", about="cell 网格、village 村、community 小区"),
    Column("group", "text", "学生群体", "group", about="resident 本地学生、migrant 随迁子女、special 特殊教育学生；同一地点的各群体各占一行"),
    *_PUPILS, *_GRADE_PUPILS,
))  # fmt: skip

_MODE = Column("mode", "text", "方式", "mode", about="walk 步行、ride 乘车、board 寄宿、none 无学校")
ASSIGNMENT = Table("assignment", "学生去向", "assignment", (
    Column("demand_id", "id", "需求点代码", "demand point"), _BAND,
    Column("school_id", "id", "学校代码", "school code", about="空白为没有学校"), _MODE, _N,
    Column("minutes", "float", "单程时间", "minutes one way", "分钟"),
    Column("metres", "float", "单程距离", "metres one way", "米"),
    Column("within_limit", "bool", "在时限内", "within limit"),
    Column("nearest_school_id", "id", "最近学校代码", "nearest school", about="可就读的最近在办学校"),
    Column("nearest_minutes", "float", "最近学校时间", "minutes to nearest", "分钟"),
    Column("reason", "text", "原因", "reason", about="没有学校的原因：unreachable 到不了、no_seat 无学位、no_school 无此年级的学校"),
))  # fmt: skip
_SUBJECT_KIND = Column("subject_kind", "text", "对象类别", "kind of subject")
CALIBRATION = Table("calibration", "学生数校准", "calibration", (
    _SUBJECT_KIND, Column("subject_id", "id", "对象代码", "subject code"), Column("name", "text", "对象", "subject"), _BAND,
    Column("grade", "int", "年级", "grade", about="空白为整个年级段"),
    Column("target", "float", "已知学生数", "known pupils", "人", about="乡镇、县、学校或村报的人数"),
    Column("pupils_before", "float", "推算学生数", "estimated pupils", "人", about="校准前由人口栅格或村表推算"),
    Column("ratio", "float", "已知÷推算", "known ÷ estimated", "倍", about="离 1 越远，人口数据与报表分歧越大；空白为没有推算出学生"),
    Column("factor", "float", "校准系数", "factor", "倍", about="校准后 ÷ 推算"),
    Column("pupils_after", "float", "校准后学生数", "pupils after", "人"),
    Column("residual", "float", "残差", "residual", "人", about="校准后 − 已知"),
    Column("held", "bool", "是否校准到此数", "held", about="否：只作比较，或因与前一组总数不等而按比例缩放"),
))  # fmt: skip
_COMMUTE = (
    Column("minutes_mean", "float", "平均时间", "mean minutes", "分钟", about="单程，按学生加权平均"),
    Column("minutes_median", "float", "中位时间", "median minutes", "分钟", about="一半学生的单程时间不超过此值"),
    Column("minutes_p90", "float", "90分位时间", "P90 minutes", "分钟", about="90%的学生单程时间不超过此值"),
    Column("minutes_p95", "float", "95分位时间", "P95 minutes", "分钟", about="95%的学生单程时间不超过此值"),
    Column("minutes_max", "float", "最长时间", "longest minutes", "分钟", about="单程时间最长的学生"),
    Column("metres_mean", "float", "平均距离", "mean distance", "米", about="单程，沿道路量算，按学生加权平均"),
    Column("metres_median", "float", "中位距离", "median distance", "米", about="一半学生的单程距离不超过此值"),
    Column("metres_p90", "float", "90分位距离", "P90 distance", "米", about="90%的学生单程距离不超过此值"),
    Column("metres_p95", "float", "95分位距离", "P95 distance", "米", about="95%的学生单程距离不超过此值"),
    Column("metres_max", "float", "最远距离", "longest distance", "米", about="单程距离最远的学生"),
    Column("within_limit_share", "share", "时限内比例", "share within limit", about="步行、乘车在情景规定的时限内或寄宿的学生占比"),
    Column("nearest_share", "share", "最近学校入学率", "nearest-school share", about="指标，不是合法性判断"),
)  # fmt: skip
COMMUTE = Table("commute", "上学路程", "commute", (_BAND, _MODE, _N, *_COMMUTE))
INDICATORS = Table("indicators", "总体指标", "indicators", (
    Column("indicator", "id", "指标代码", "indicator"), Column("label", "text", "指标", "label"),
    Column("value", "float", "数值", "value"), Column("unit", "text", "单位", "unit"),
    Column("label_en", "text", "英文名称", "English label"),
    Column("better", "text", "趋好方向", "better", about="low 越低越好、high 越高越好；空白为无所谓好坏"),
))  # fmt: skip
_LOAD = (
    Column("rooms", "int", "普通教室数", "classrooms", "间"),
    Column("seats", "int", "学位数", "seats", "人", about="核定学位，未填时为教室数 × 班额上限"),
    _N, *_PUPILS,
    Column("boarders", "float", "寄宿生", "boarders", "人"), Column("beds", "int", "床位", "beds", "张"),
    Column("load", "share", "学位使用率", "load", about="学生数 ÷ 学位数"),
    Column("seats_gap", "float", "学位余缺", "seats gap", "人", about="学位数 − 学生数，负数为缺口"),
    Column("classes", "int", "编班数", "classes", "班"), Column("classes_needed", "int", "按班额应设班数", "classes needed", "班", about="每班不超过班额上限时应设的班数"),
    Column("rooms_missing", "int", "缺教室", "rooms missing", "间", about="按班额上限编班尚缺的教室"),
    Column("class_size_mean", "float", "平均班额", "mean class size", "人/班"),
    Column("class_size_max", "float", "最大班额", "largest class", "人/班", about="该校人数最多的班"),
    Column("classes_to_35", "int", "35人及以下班数", "classes to 35", "班"),
    Column("classes_36_45", "int", "36—45人班数", "classes 36–45", "班"),
    Column("classes_46_55", "int", "46—55人班数", "classes 46–55", "班"),
    Column("classes_56_65", "int", "56—65人班数（大班额）", "classes 56–65", "班"),
    Column("classes_66_up", "int", "66人及以上班数（超大班额）", "classes 66 and over", "班"),
)  # fmt: skip
PLAN_SCHOOLS = Table("plan_schools", "学校", "schools", (
    Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"),
    Column("tier", "text", "学校类别", "school type"), _TOWNSHIP_ID, _TOWNSHIP,
    Column("decision", "text", "决定", "decision", about="keep 保留、close 撤并、convert 改教学点、lift 办成完全小学、open 启用、board 寄宿、expand 扩建、inactive 未办"),
    Column("is_open", "bool", "是否在办", "open"),
    Column("grade_from", "int", "起始年级", "first grade"), Column("grade_to", "int", "终止年级", "last grade"),
    *_LOAD,
    Column("minutes_mean", "float", "平均时间", "mean minutes", "分钟", about="单程，按学生加权平均"), Column("minutes_max", "float", "最长时间", "longest minutes", "分钟", about="单程时间最长的学生"),
))  # fmt: skip
GROUP_RESULTS = Table("group_results", "学生群体", "groups of pupils", (
    Column("group", "text", "学生群体", "group", about="本地学生、随迁子女、特殊教育学生"), _BAND, _N,
    Column("assigned", "float", "有学校的学生", "pupils with a school", "人"),
    Column("assigned_share", "share", "有学校的比例", "share with a school", about="有学校的学生 ÷ 该群体学生"),
    Column("unassigned", "float", "没有学校的学生", "pupils without a school", "人", about="到不了、无学位或没有开设其年级的学校"),
    *_COMMUTE,
))  # fmt: skip
VILLAGE_RESULTS = Table("village_results", "各村", "villages", (
    Column("village_id", "id", "村代码", "village code"), Column("name", "text", "村名", "village"), _TOWNSHIP_ID, _TOWNSHIP,
    _N, *_PUPILS, *_COMMUTE,
    Column("unassigned", "float", "没有学校的学生", "pupils without a school", "人", about="到不了、无学位或没有开设其年级的学校"),
    Column("school_primary", "text", "主要小学", "main primary school"), Column("school_junior", "text", "主要初中", "main junior school"),
))  # fmt: skip
TOWNSHIP_RESULTS = Table("township_results", "各乡镇", "townships", (
    _TOWNSHIP_ID, Column("name", "text", "乡镇名称", "township"), Column("schools", "int", "在办学校", "open schools", "所"),
    _N, *_PUPILS, *_COMMUTE, Column("unassigned", "float", "没有学校的学生", "pupils without a school", "人", about="到不了、无学位或没有开设其年级的学校"),
    Column("seats", "int", "学位数", "seats", "人", about="核定学位，未填时为教室数 × 班额上限"), Column("seats_gap", "float", "学位余缺", "seats gap", "人", about="本乡镇学校学位 − 本乡镇学校的学生"),
    Column("classes_56_65", "int", "56—65人班数（大班额）", "classes 56–65", "班"),
    Column("classes_66_up", "int", "66人及以上班数（超大班额）", "classes 66 and over", "班"),
    Column("schools_under_50", "int", "不足50人学校", "schools under 50", "所"), Column("schools_under_100", "int", "不足100人学校", "schools under 100", "所"),
))  # fmt: skip
BOARDING = Table("boarding", "寄宿需求", "boarding wanted", (
    _TOWNSHIP_ID, Column("name", "text", "乡镇名称", "township"),
    Column("boarders_g4_6", "float", "4—6年级预计寄宿生", "boarders G4-6", "人", about="居住在本乡镇的学生 × 情景规定的寄宿比例"),
    Column("boarders_g7_9", "float", "7—9年级预计寄宿生", "boarders G7-9", "人", about="居住在本乡镇的学生 × 情景规定的寄宿比例"),
    Column("boarders", "float", "预计寄宿生", "boarders expected", "人"),
    Column("beds", "int", "现有床位", "beds", "张", about="本乡镇在办学校的床位"),
    Column("beds_gap", "float", "床位余缺", "beds gap", "张", about="床位 − 预计寄宿生，负数为缺口"),
))  # fmt: skip
CLASS_RESULTS = Table("class_results", "班额", "classes", (
    Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"),
    Column("grade", "int", "年级", "grade"), _N, Column("classes", "int", "编班数", "classes", "班"),
    Column("classes_needed", "int", "按班额应设班数", "classes needed", "班", about="每班不超过班额上限时应设的班数"),
    Column("class_size", "float", "班额", "class size", "人/班"), Column("class_limit", "int", "班额上限", "class limit", "人/班"),
    Column("combined", "text", "复式年级", "grades taught together", about="同班上课的年级，如 1+2；空白为单式班"),
))  # fmt: skip
MOVES = Table("moves", "谁受影响", "who is affected", (
    Column("village_id", "id", "村代码", "village code"), Column("name", "text", "村名", "village"), _TOWNSHIP, _BAND, _N,
    Column("from_school", "text", "原学校", "school before"), Column("to_school", "text", "新学校", "school after"),
    Column("minutes_before", "float", "原单程时间", "minutes before", "分钟"), Column("minutes_after", "float", "新单程时间", "minutes after", "分钟"),
    Column("minutes_change", "float", "时间变化", "change", "分钟"),
    Column("metres_before", "float", "原单程距离", "metres before", "米"), Column("metres_after", "float", "新单程距离", "metres after", "米"),
))  # fmt: skip
CLOSURES = Table("closures", "撤并影响", "what closing means", (
    Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "撤并学校", "school closed"), _TOWNSHIP,
    _N, Column("villages", "int", "涉及村数", "villages"),
    Column("minutes_mean_before", "float", "原平均时间", "mean minutes before", "分钟"), Column("minutes_mean_after", "float", "新平均时间", "mean minutes after", "分钟"),
    Column("minutes_max_before", "float", "原最长时间", "longest minutes before", "分钟"), Column("minutes_max_after", "float", "新最长时间", "longest minutes after", "分钟"),
    Column("pupils_g1_3_over_30", "float", "1—3年级超30分钟学生", "pupils G1-3 beyond 30 min", "人", about="撤并后单程超过30分钟者，不论步行或乘车"),
    Column("boarders_added", "float", "新增寄宿生", "boarders added", "人"),
    Column("unassigned", "float", "撤并后没有学校的学生", "pupils left without a school", "人"),
    Column("receiving", "text", "接收学校", "receiving schools"),
    Column("largest_class", "float", "接收学校最大班额", "largest class of the receiving schools", "人/班"),
))  # fmt: skip
DANGERS = Table("dangers", "途中危险", "dangers on the way", (
    Column("village_id", "id", "村代码", "village code"), Column("name", "text", "村名", "village"), _TOWNSHIP_ID, _TOWNSHIP, _BAND,
    Column("school_id", "id", "学校代码", "school code"), Column("school", "text", "学校名称", "school"), _MODE,
    Column("kind", "id", "危险代码", "kind of danger", about="trunk_along、trunk_crossing、rail_crossing、ferry、dark_tunnel、ford"),
    Column("danger", "text", "危险", "danger", about="由道路数据推断，须实地核对；没有列出的路不等于安全"),
    _N,
    Column("metres_mean", "float", "平均长度", "mean length", "米", about="途中处于该危险的路程，按学生加权；横穿为 0"),
    Column("times_mean", "float", "平均次数", "mean crossings", "次", about="单程横穿的次数，按学生加权"),
))  # fmt: skip
SEASONS = Table("seasons", "季节影响", "what a season does", (
    Column("season", "text", "季节", "season"), Column("months", "text", "月份", "months"), Column("month_count", "int", "历时", "months lost", "个月"),
    Column("village_id", "id", "村代码", "village code"), Column("name", "text", "村名", "village"), _TOWNSHIP_ID, _TOWNSHIP, _BAND,
    Column("school_id", "id", "学校代码", "school code"), Column("school", "text", "学校名称", "school"), _MODE, _N,
    Column("minutes_before", "float", "平时单程时间", "minutes otherwise", "分钟"),
    Column("minutes_season", "float", "当季单程时间", "minutes in the season", "分钟", about="按原方式去原学校；空白为走不通"),
    Column("outcome", "text", "结果", "outcome", about="beyond 超过时限、unreachable 走不通"),
    Column("other_school_id", "id", "当季最近学校代码", "nearest school then", about="当季在时限内可去的最近学校；空白为没有"),
    Column("other_minutes", "float", "去该校时间", "minutes to it", "分钟"),
))  # fmt: skip
FLOWS = Table("flows", "学生去向", "who goes where", (
    Column("village_id", "id", "村代码", "village code"), Column("name", "text", "村名", "village"), _TOWNSHIP, _BAND,
    Column("school_id", "id", "学校代码", "school code", about="空白为没有学校"), Column("school", "text", "学校名称", "school"), _MODE, _N,
    Column("minutes_mean", "float", "平均时间", "mean minutes", "分钟", about="单程，按学生加权"),
    Column("minutes_max", "float", "最长时间", "longest minutes", "分钟", about="单程"),
    Column("metres_mean", "float", "平均距离", "mean distance", "米", about="单程，按学生加权"),
    Column("within_limit_share", "share", "时限内比例", "share within limit", about="步行、乘车在情景规定的时限内或寄宿的学生占比"),
    Column("reason", "text", "原因", "reason", about="没有学校的原因"),
))  # fmt: skip
FINDINGS = Table("findings", "规则检查", "rule findings", (
    Column("severity", "text", "程度", "severity", about="不符合、提醒、说明"), Column("rule_id", "id", "规则代码", "rule"),
    Column("subject_kind", "text", "对象类别", "kind of subject"), Column("subject_id", "id", "对象代码", "subject code"),
    Column("subject_name", "text", "对象", "subject"), Column("value", "float", "实际值", "value"), Column("limit", "float", "限值", "limit"),
    Column("unit", "text", "单位", "unit"), Column("message", "text", "说明", "message"), Column("source", "text", "依据", "source"),
    Column("confidence", "text", "依据可信度", "confidence", about="未核实原文的规定只作提示"),
))  # fmt: skip
TABLES: Mapping[str, Table] = {
    t.name: t
    for t in (SCHOOLS, ENROLMENT, TEACHERS, VILLAGES, TOWNSHIPS, TOWNSHIP_PUPILS, PROJECTS, BUILDINGS, DEMAND, CALIBRATION, ASSIGNMENT, COMMUTE, INDICATORS, PLAN_SCHOOLS,
              GROUP_RESULTS, VILLAGE_RESULTS, TOWNSHIP_RESULTS, BOARDING, CLASS_RESULTS, MOVES, CLOSURES, DANGERS, SEASONS, COVERAGE, UNITS, FLOWS, FINDINGS, CHECKS,
              CHECK_REPORT, CHECK_SUMMARY, READ_TABLES, FRONT, PRICES, LOSERS, CONFLICTS, CONFLICT_VILLAGES, ROBUST_CASES, ROBUST_SCHOOLS,
              ALTERNATIVES, ALTERNATIVE_SCHOOLS, LAYOUT_DECISIONS, PASSED_BY, COMPARISON,
              ATTENDANCE, ATTENDANCE_AREAS, ZONES, ZONE_UNITS, ZONE_CHANGES, ZONE_EFFECTS, ZONE_FAULTS, ZONE_PARTS, ZONE_SCARCITY,
              GRADE_ASSIGNMENT, GRADE_LOADS, CLASS_PLAN, STAFFING, LARGE_CLASSES, CLEARING_ACTIONS, CLEARING_WAYS, LOTTERY_ROSTER, CLASS_ROSTER,
              LOTTERY_RESULT, LOTTERY_SCHOOLS, LOTTERY_WAITING, LOTTERY_SHARES, CLASS_DRAW_RESULT, CLASS_DRAW_SUMMARY,
              DISTRICTS, DISTRICT_UNITS, DISTRICT_SCHOOLS,
              CLAIMS, ADMISSION, ADMISSION_RESULTS, ADMISSION_FLOWS, ORGANISATIONS, ORGANISATION_SITES,
              REACH, IN_ZONE, EQUITY, LORENZ, ACCESS, BALANCE, BALANCE_SCHOOLS, PROVISION, RELEASED, FORECAST, FORECAST_YEARS, FORECAST_SCHOOLS, VETOES, RULES,
              VILLAGE_ENROLMENT, STUDY_FLOWS, STUDY_SHARES, STUDY_REASONS, STUDY_MEASURES,
              *CASE_TABLES)
}  # fmt: skip


def table(name: str) -> Table:
    """Look up a table of the registry by name."""
    return TABLES[name]
