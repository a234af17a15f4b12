"""The notebooks run on what today's program writes and print what is committed in them; or, with --renew, what they
print is written into them.

Debian's Jupyter is used (packages jupyter-nbconvert, python3-ipykernel, python3-pandas, python3-matplotlib); exit code
77 where it is missing. Pictures may differ between versions of Matplotlib, so only text is compared.

usage: notebook_test.py [--renew] PROGRAM
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"  # Debian's, whose kernel has pandas; another Python may come first in PATH
SCENARIO = "scenarios/retail-store.yaml"


def have_jupyter():
    return os.path.exists(PYTHON) and subprocess.run(
        [PYTHON, "-c", "import nbconvert, ipykernel, pandas, matplotlib"], capture_output=True, check=False
    ).returncode == 0


def execute(notebook, run):
    """The notebook with the outputs that it has now."""
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "PLIMSOLL_RUN": run, "HOME": home,
               "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
        done = subprocess.run([PYTHON, "-m", "nbconvert", "--to", "notebook", "--execute", "--stdout",
                               "--ExecutePreprocessor.timeout=120", str(notebook)], capture_output=True, text=True,
                              env=env, check=False)
    if done.returncode != 0:
        sys.exit(f"{notebook.name}:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout)


def tidy(notebook):
    """Without what changes from run to run: times, versions, identifiers."""
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {}
        if cell["cell_type"] == "code":
            cell["execution_count"] = None
            cell["outputs"] = [output for output in cell["outputs"] if output.get("name") != "stderr"]
            for output in cell["outputs"]:
                output.get("metadata", {}).clear()
                if "execution_count" in output:
                    output["execution_count"] = None
                # Objects print their address, figures their size: of a picture only the picture is kept.
                if "image/png" in output.get("data", {}):
                    output["data"] = {"image/png": output["data"]["image/png"]}
        for key in ("source", "text"):
            for part in [cell] + cell.get("outputs", []):
                if isinstance(part.get(key), str):
                    part[key] = part[key].splitlines(True)
    notebook["metadata"] = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                            "language_info": {"name": "python"}}
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 4
    return notebook


def texts(notebook):
    return ["".join(output["text"]) for cell in notebook["cells"] for output in cell.get("outputs", [])
            if output["output_type"] == "stream"]


def main():
    arguments = [a for a in sys.argv[1:] if a != "--renew"]
    renew = len(arguments) + 1 < len(sys.argv)
    if len(arguments) != 1:
        sys.exit(__doc__)
    if not have_jupyter():
        print("no Jupyter here: the notebooks were not run")
        sys.exit(77)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="plimsoll-notebook-") as folder:
        run = os.path.join(folder, "run")
        done = subprocess.run([os.path.abspath(arguments[0]), "compare", SCENARIO, "--replications", "3", "-q", "--out",
                               run], cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3):
            sys.exit(done.stdout + done.stderr)
        for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
            now = tidy(execute(path, run))
            if renew:
                path.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
                print(f"{path.name}: written, {path.stat().st_size // 1000} kB")
                continue
            committed = json.loads(path.read_text(encoding="utf-8"))
            pictures = sum("image/png" in output.get("data", {}) for cell in now["cells"]
                           for output in cell.get("outputs", []))
            if not pictures or not texts(now):
                sys.exit(f"{path.name} draws or prints nothing")
            for old, new in zip(texts(committed) + [""], texts(now) + [""]):
                if re.sub(r"[ \t]+", " ", old) != re.sub(r"[ \t]+", " ", new):
                    failed += 1
                    print(f"{path.name} prints\n{new}\nand not, as committed,\n{old}")
                    print("If that is meant, run ./dev renew and say why in the commit.")
                    break
            else:
                print(f"{path.name}: {len(texts(now))} texts as committed, {pictures} pictures")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
