"""``zaohua engine``: what is known before and after measuring, and what a person may do wrong."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from zaohua.generate.native.builds import Build, keep, recipe_of
from zaohua.generate.native.products import IK, LLAMACPP, PRODUCTS
from zaohua.generate.setups import Setup
from zaohua.generate.tuning import kept
from zaohua.generate.tuning.figures import WORKLOADS, Figures
from zaohua.generate.tuning.kept import Row, Tuned
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel, import_file

FIGURES = Figures(100, 0.0, 20, 40, 0.0, 10**9)


def kept_in(home: Path, model: InstalledModel) -> None:
    """A home with the model and a record of it."""
    found = import_file(Settings(home=home), model.path, name="small")
    rows = (
        Row(Setup("openvino", "int4"), FIGURES, bits=1.25),
        Row(Setup(), None, "it does not run"),
    )
    best = dict.fromkeys(WORKLOADS, Setup("openvino", "int4"))
    kept.save(Tuned("small", kept.machine(home), rows, best), found, home)


def test_nothing_is_measured_yet(run: Run, model_home: Path, test_model: InstalledModel) -> None:
    done = run("engine", "show", test_model.name, env={"ZAOHUA_HOME": str(model_home)})
    assert done.returncode == 1
    assert f"zaohua engine tune {test_model.name}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_model(run: Run, tmp_path: Path) -> None:
    done = run("engine", "show", "no-such", env={"ZAOHUA_HOME": str(tmp_path)})
    assert done.returncode == 1
    assert "no-such" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_was_measured_is_shown(run: Run, tmp_path: Path, test_model: InstalledModel) -> None:
    kept_in(tmp_path, test_model)
    done = run("engine", "show", "small", env={"ZAOHUA_HOME": str(tmp_path)})
    assert (done.returncode, done.stderr) == (0, "")
    assert "OpenVINO f32, INT4" in done.stdout
    assert "1.250" in done.stdout
    assert "best for chat: OpenVINO f32, INT4" in done.stdout
    told = json.loads(
        run("engine", "show", "small", "--json", env={"ZAOHUA_HOME": str(tmp_path)}).stdout
    )
    assert told["best"]["readers"]["weights"] == "int4"
    assert told["rows"][0]["figures"]["one"] == 20
    assert told["rows"][1]["failure"] == "it does not run"


def test_what_was_compiled_is_shown_and_removed(
    run: Run, tmp_path: Path, test_model: InstalledModel
) -> None:
    for product, key in ((LLAMACPP, "abc"), (IK, "def")):
        folder, source = tmp_path / "engines" / key, product.source.sha256
        recipe = recipe_of(product, ())
        made = Build(
            folder, key, product.version, source, (), "c++ 12", 312.0, product.name, recipe
        )
        made.folder.mkdir(parents=True)
        made.file.write_bytes(b"x" * 2000)
        keep(made)
    kept_in(tmp_path, test_model)
    env = {"ZAOHUA_HOME": str(tmp_path)}
    done = run("engine", "show", "small", env=env)
    assert done.returncode == 0
    for product in (LLAMACPP, IK):
        line = (
            f"{product.name} of {product.package} {product.version} compiled here in 312 s: 2.0 kB"
        )
        assert line in done.stdout.splitlines()[PRODUCTS.index(product)]
    told = json.loads(run("engine", "show", "small", "--json", env=env).stdout)
    assert [one["key"] for one in told["compiled"]] == ["abc", "def"]
    freed = json.loads(run("engine", "remove", "--json", env=env).stdout)["freed"]
    assert freed > 4000
    assert run("engine", "remove", env=env).stdout == "nothing was compiled here\n"


def test_without_a_compiler_nothing_changes(run: Run, tmp_path: Path) -> None:
    done = run("engine", "build", env={"ZAOHUA_HOME": str(tmp_path), "PATH": ""})
    assert done.returncode == 1
    assert "there is no C++ compiler" in done.stderr
    assert len(done.stderr.splitlines()) == 1
