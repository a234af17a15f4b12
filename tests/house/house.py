"""The rules of the house as functions on text, so that a test can show each of them a violation."""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

TOP_LEVEL = {
    "CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "dev", "sim", "models", "scenarios", "bench",
    "tests", "notebooks",
}
# What builds and runs leave behind; .gitignore names them too.
LEFT_BEHIND = re.compile(r"^(build.*|out.*|compile_commands\.json|__pycache__|node_modules)$")
CODE_FOLDERS = ("sim", "models", "bench", "tests")
CODE = re.compile(r"\.(cpp|h|py|js|css|html|cmake|sh)$|(^|/)CMakeLists\.txt$|(^|/)dev$")
CPP = re.compile(r"\.(cpp|h)$")
VENDORED = re.compile(r"(^|/)(vendor|vectors|data)/")

MAX_COLUMNS = 120
MAX_LINES = 600

_CORE = ["sim/core"]
_DOCUMENT = _CORE + ["sim/document"]
_CLUSTER = _DOCUMENT + ["sim/cluster"]
_POLICY = _CLUSTER + ["sim/policy"]
_LOAD = _POLICY + ["sim/load", "sim/billing"]
_SCENARIO = _LOAD + ["sim/results", "sim/scenario"]
_EVERYTHING = _SCENARIO + [
    "sim/engine", "sim/sweep", "sim/report", "sim/cli", "models/aws", "models/compose", "models/ecs", "models/eks",
    "models/kubernetes", "models/workload",
]

# Folder -> what it may include besides itself. Lower floors only; a folder beside it on the same floor is not lower.
ALLOWED = {
    "sim/core": [],
    "sim/document": _CORE,
    "sim/cluster": _DOCUMENT,
    "sim/policy": _CLUSTER,
    "sim/load": _POLICY,
    "sim/billing": _POLICY,
    "sim/results": _LOAD,
    "models/workload": _LOAD,
    "models/aws": _LOAD,
    "models/compose": _POLICY,
    "models/kubernetes": _LOAD,
    "models/ecs": _LOAD + ["models/aws"],
    "models/eks": _LOAD + ["models/aws", "models/kubernetes"],
    "sim/scenario": _LOAD + ["sim/results"],
    "sim/engine": _SCENARIO,
    "sim/sweep": _SCENARIO + ["sim/engine"],
    "sim/report": _LOAD + ["sim/results"],
    "sim/cli": _EVERYTHING,
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)
HEAVY = re.compile(r"^(nlohmann/|boost/|Eigen/|CLI/|sqlite3\.h|yaml\.h|fmt/|zstd\.h|zlib\.h|sleef\.h)")

# Where wall clock, platform randomness and the C library's mathematics may stand: what never reaches a result.
FREE = re.compile(r"^(sim/cli|sim/report|bench|tests)/")
MATH_HOME = re.compile(r"^sim/core/math\.(cpp|h)$")
BANNED = [
    (re.compile(r"\b(system_clock|steady_clock|high_resolution_clock|gettimeofday|clock_gettime|utc_clock)\b"),
     "reads the wall clock"),
    (re.compile(r"\bstd::time\s*\(|(?<![\w:.>])time\s*\(\s*(nullptr|NULL|0|&)"), "reads the wall clock"),
    (re.compile(r"\bstd::rand\b|(?<![\w:.>])s?rand\s*\(|\brandom_device\b|\bmt19937|#\s*include\s*<random>"),
     "draws from outside the counter-based streams"),
    (re.compile(r"\bthis_thread::get_id\b|\bpthread_self\b"), "depends on the thread"),
]
BANNED_MATH = re.compile(
    r"(?:\bstd|(?<!\w))::(exp2?|expm1|log|log2|log10|log1p|pow|erfc?|[lt]gamma|sinh?|cosh?|tanh?|asinh?|acosh?|"
    r"atan[2h]?|cbrt|hypot)\s*\(")

# Written in two halves so that this file does not trip over itself.
UNFINISHED = re.compile("|".join([
    r"\bTO" r"DO\b", r"\bFIX" r"ME\b", r"\bXX" r"X\b", r"\bHA" r"CK\b", r"not (yet )?imple" r"mented",
    r"unimple" r"mented", r"\bst" r"ub\b", r"place" r"holder", r"\bdum" r"my\b"
]))
MACHINE_PATH = re.compile(r"(?<![A-Za-z0-9_.])/(ro" r"ot|wo" r"rk|ho" r"me|fa" r"rm)/|(?<![\w/.])/t" r"mp/[a-z]/")
OUTSIDE = re.compile(r"(?<![\w/-])sha" r"red/|\b(Chat" r"GPT|Clau" r"de|language mo" r"del)\b")
LONG_BECAUSE = re.compile(r"^\s*(//|#|/\*)\s*Long because: \S+", re.MULTILINE)
ORDER_EXCUSE = re.compile(r"//.*order does not matter: \S+")
UNORDERED = re.compile(r"\bunordered_(?:flat_)?(?:multi)?(?:map|set)\s*<")


def folder_of(path):
    """'sim/core/time.h' -> 'sim/core'; models/kubernetes/scheduler/x.h -> 'models/kubernetes'."""
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def strip_comments(text):
    """Removes comments and the inside of strings, keeping line numbers."""
    def blank(match):
        token = match.group(0)
        if token.startswith("/"):
            return re.sub(r"[^\n]", " ", token)
        return token[0] + " " * (len(token) - 2) + token[-1]

    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', blank, text,
                  flags=re.DOTALL)


def include_problems(path, text):
    """Floors: who may include whom; repository paths only; heavy third-party headers only in .cpp files."""
    problems = []
    folder = folder_of(path)
    for match in INCLUDE.finditer(text):
        quote, name = match.groups()
        where = f"{path}:{line_of(text, match.start())}: "
        if quote == "<":
            if path.endswith(".h") and path.startswith(("sim/", "models/")) and HEAVY.match(name):
                problems.append(f"{where}header <{name}> belongs in .cpp files")
            continue
        if not re.match(r"(sim|models|tests|bench)/", name):
            if not name.startswith("plimsoll_plugin"):
                problems.append(f'{where}include "{name}" by its path in the repository')
            continue
        target = folder_of(name)
        if not path.startswith(("sim/", "models/")) or target == folder:
            continue
        if folder not in ALLOWED:
            problems.append(f"{where}folder {folder} has no floor; give it one in tests/house/house.py")
        elif target not in ALLOWED[folder]:
            problems.append(f"{where}{folder} may not include {target} ({name})")
    return problems


def unordered_names(text):
    """Names of variables and members declared as unordered containers."""
    names = set()
    for match in UNORDERED.finditer(text):
        depth = 1
        i = match.end()
        while i < len(text) and depth:
            depth += {"<": 1, ">": -1}.get(text[i], 0)
            i += 1
        declared = re.match(r"\s*[&*]?\s*(?:const\s+)?([A-Za-z_]\w*)\s*(?=[;={,)])", text[i:])
        if declared:
            names.add(declared.group(1))
    return names


def unordered_problems(path, text, header_text=""):
    """Iteration over a container whose order differs between machines, where it could reach a result."""
    code = strip_comments(text)
    names = unordered_names(code) | unordered_names(strip_comments(header_text))
    lines = text.split("\n")
    problems = []
    for name in sorted(names):
        pattern = (r"\bfor\s*\([^;()]*:\s*(?:[\w.>\-\[\]]*(?:\.|->))?%s\s*\)|(?<![\w])%s\s*(?:\.|->)\s*c?begin\s*\(" %
                   (re.escape(name), re.escape(name)))
        for match in re.finditer(pattern, code):
            line = line_of(code, match.start())
            if not any(ORDER_EXCUSE.search(near) for near in lines[max(0, line - 2):line]):
                problems.append(f"{path}:{line}: iterates over unordered '{name}'")
    return problems


def banned_problems(path, text):
    if FREE.match(path):
        return []
    code = strip_comments(text)
    problems = []
    for pattern, reason in BANNED:
        for match in pattern.finditer(code):
            problems.append(f"{path}:{line_of(code, match.start())}: '{match.group(0).strip()}' {reason}")
    if not MATH_HOME.match(path):
        for match in BANNED_MATH.finditer(code):
            problems.append(f"{path}:{line_of(code, match.start())}: '{match.group(0)}' changes bits with the "
                            "processor; use sim/core/math.h")
    return problems


def line_problems(path, text):
    problems = []
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_COLUMNS:
            problems.append(f"{path}:{number}: {len(line)} columns, at most {MAX_COLUMNS}")
    count = text.count("\n")
    if count > MAX_LINES and not LONG_BECAUSE.search(text):
        problems.append(f"{path}: {count} lines; split it, or say '// Long because: ...'")
    return problems


def word_problems(path, text):
    problems = []
    for pattern, reason in ((UNFINISHED, "mark of unfinished work"), (MACHINE_PATH, "path of one machine"),
                            (OUTSIDE, "speaks of something outside the project")):
        for match in pattern.finditer(text):
            problems.append(f"{path}:{line_of(text, match.start())}: {reason}: '{match.group(0).strip()}'")
    return problems


def model_of(path):
    """'models/ecs/api/x.cpp' and 'tests/models/ecs/y_test.cpp' -> 'ecs'; None elsewhere."""
    match = re.match(r"(?:tests/)?models/(\w+)/", path)
    return match.group(1) if match else None


def untested_problems(model_sources, tests):
    """Each models/**/*.cpp needs a test of its stem, or one that says '// Also tests: stem, stem'. Another model's
    tests do not count; those of whole columns (tests/sim) do.

    model_sources and tests: {path: text}.
    """
    tested = set()
    for path, text in tests.items():
        names = [re.sub(r"_test$", "", os.path.splitext(os.path.basename(path))[0])]
        for match in re.finditer(r"//\s*Also tests:\s*([\w, ]+)", text):
            names += [name.strip() for name in match.group(1).split(",")]
        tested.update((model_of(path), name) for name in names)
    problems = []
    for path in sorted(model_sources):
        stem = os.path.splitext(os.path.basename(path))[0]
        if not tested & {(model_of(path), stem), (None, stem)}:
            problems.append(f"{path}: no test named {stem}_test.cpp, and none says '// Also tests: {stem}'")
    return problems


ENTERED = re.compile(r'add_policy\(\s*\{\s*"([^"]+)"|PolicyInfo \w+\{\s*"([^"]+)"')


def unbenched_problems(model_sources, bench):
    """Each interface whose policies are entered in the registry stands in the benchmark that asks the policies of the
    registry: with a driver, or among those that are measured at work.

    model_sources: {path: text}; bench: the text of that benchmark.
    """
    problems = []
    for path in sorted(model_sources):
        for match in ENTERED.finditer(model_sources[path]):
            interface = match.group(1) or match.group(2)
            if f'"{interface}"' not in bench:
                line = line_of(model_sources[path], match.start())
                problems.append(f"{path}:{line}: no benchmark knows the interface '{interface}'")
    return problems


def top_level_problems(names):
    return [f"{name}: does not belong at the top level" for name in sorted(names)
            if not name.startswith(".") and name not in TOP_LEVEL and not LEFT_BEHIND.match(name)]


# Needs libraries of its own on the command line; tests/cli has a test for it.
WITH_PLUGINS = "scenarios/custom-policy/"


def is_scenario(path, text):
    """Whether this is a scenario that runs as it stands: no sweep over one, no list of curves, no real file."""
    def says(pattern):
        return re.search(pattern, text, re.MULTILINE) is not None

    return (not path.startswith(WITH_PLUGINS) and says(r"^apiVersion: plimsoll/") and says(r"^(platforms|from):") and
            not says(r"^(base|vary|curves):"))


def scenarios():
    """Every scenario that is shipped, in order."""
    return [path for path in files("scenarios") if path.endswith(".yaml") and is_scenario(path, read(path))]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def files(*folders):
    """Paths relative to the root, in order, without what is vendored or generated."""
    found = []
    for folder in folders:
        for directory, subdirectories, names in os.walk(os.path.join(ROOT, folder)):
            subdirectories[:] = sorted(d for d in subdirectories if d != "__pycache__")
            for name in sorted(names):
                path = os.path.relpath(os.path.join(directory, name), ROOT).replace(os.sep, "/")
                if not VENDORED.search(path):
                    found.append(path)
    return found
