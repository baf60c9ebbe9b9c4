"""What is written takes the place of what it may, whole, and of nothing else."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from models_made import affine, saved

from graphlab import cli
from graphlab.errors import GraphlabError
from graphlab.output import files, temporary

ROOT = Path(cli.__file__).parent.parent


def graphlab(capfd, *arguments: object) -> tuple[int, str]:
    """The exit code, and what is said on stderr."""
    with pytest.raises(SystemExit) as left:
        cli.main([str(each) for each in arguments])
    return left.value.code, capfd.readouterr().err


@pytest.fixture
def model(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("model.pb").write_bytes(affine().SerializeToString())
    return Path("model.pb")


SCRIPT = "import tensorflow as tf\nprint(tf.ones([2]) + 1.0)\n"
WAYS_OUT = [
    ("render", "IN", "--html"),
    ("render", "IN", "-o"),
    ("trace", "IN", "--html"),
    ("trace", "IN", "-o"),
    ("step", "IN", "--html"),
]


@pytest.mark.parametrize("command", WAYS_OUT, ids=" ".join)
@pytest.mark.parametrize("name", ["script.py", "model.pb"])
def test_an_output_never_is_the_input_under_whatever_name(
    tmp_path, monkeypatch, capfd, command, name
):
    monkeypatch.chdir(tmp_path)
    source = Path(name)
    source.write_bytes(SCRIPT.encode() if source.suffix == ".py" else affine().SerializeToString())
    before = source.read_bytes()
    ending = "html" if command[-1] == "--html" else "svg"
    Path(f"link.{ending}").symlink_to(name)
    os.link(name, f"same.{ending}")
    for place in (name, f"link.{ending}", f"same.{ending}"):
        called = [name if each == "IN" else each for each in command]
        code, said = graphlab(capfd, *called, place)
        assert (code, said.count("\n"), source.read_bytes()) == (2, 1, before)
        assert "what is read" in said or f"the ending of {name} names no format" in said
    assert len(list(tmp_path.iterdir())) == 3


def test_no_file_of_a_saved_model_is_an_output(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    folder = saved(tmp_path / "m", affine())
    assets = folder / "assets"
    assets.mkdir()
    (assets / "words.txt").write_text("a b c")
    assert graphlab(capfd, "render", "m", "-o", "m/assets/words.txt") == (
        2,
        "graphlab: cannot write m/assets/words.txt: it is in m/assets, what is read;"
        " choose another\n",
    )
    Path("g.svg").symlink_to("m/saved_model.pb")
    assert "it is what is read" in graphlab(capfd, "render", "m", "-o", "g.svg")[1]
    assert graphlab(capfd, "trace", "m", "--feed", "in=1", "--tensorboard", "m")[0] == 2
    for _ in range(2):  # beside them there is room, also a second time
        assert graphlab(capfd, "render", "m", "-o", "m/g.svg")[0] == 0


def test_a_file_that_is_fed_or_played_is_no_output(model, capfd):
    Path("x.npy").write_bytes(b"numbers")
    Path("x.svg").symlink_to("x.npy")
    code, said = graphlab(capfd, "trace", model, "--feed", "x=@x.npy", "-o", "x.svg")
    assert (code, Path("x.npy").read_bytes()) == (2, b"numbers")
    assert "it is what is read" in said
    Path("look.html").write_text("next")
    code, said = graphlab(capfd, "step", model, "--script", "look.html", "--html", "look.html")
    assert (code, Path("look.html").read_text()) == (2, "next")


@pytest.mark.parametrize(
    ("arguments", "endings"),
    [
        (("render", "model.pb", "--html", "page"), ".html, .htm"),
        (("render", "model.pb", "--html", "page.svg"), ".html, .htm"),
        (("trace", "model.pb", "--html", "page.txt"), ".html, .htm"),
        (("step", "model.pb", "--html", "page.py"), ".html, .htm"),
        (("lesson", "1.1", "--html", "page.json"), ".html, .htm"),
        (("lesson", "1.1", "--notebook", "page.json"), ".ipynb"),
    ],
)
def test_an_output_wants_its_own_ending(model, capfd, arguments, endings):
    Path(arguments[-1]).write_text("mine")
    code, said = graphlab(capfd, *arguments)
    assert (code, Path(arguments[-1]).read_text()) == (2, "mine")
    expected = f"the ending of {arguments[-1]} names no format to write; expected one of {endings}"
    assert said == f"graphlab: {expected}\n"


def test_who_wants_a_page_of_an_output_is_told_the_way_to_it(model, capfd):
    for command in ("render", "trace"):
        code, said = graphlab(capfd, command, model, "-o", "page.html")
        assert (code, said.endswith("; a page is written by --html\n")) == (2, True)


def test_an_option_of_another_command_is_told_with_the_commands_that_have_it(model, capfd):
    code, said = graphlab(capfd, "render", model, "--html", "page.html", "--live")
    has = "graphlab render has no --live; lesson, step, trace have it; see: graphlab render --help"
    assert (code, said) == (2, f"graphlab: {has}\n")
    code, said = graphlab(capfd, "step", model, "--plain")
    assert (
        said == "graphlab: graphlab step has no --plain; render has it; see: graphlab step --help\n"
    )
    code, said = graphlab(capfd, "render", model, "--ploin")
    assert said.startswith("graphlab: No such option '--ploin'")


def test_a_link_stays_and_what_it_leads_to_is_written(model, capfd):
    Path("kept").mkdir()
    Path("kept/old.svg").write_text("old")
    Path("kept/old.svg").chmod(0o640)
    Path("new.svg").symlink_to("kept/old.svg")
    Path("none.svg").symlink_to("kept/none.svg")
    for name in ("old", "none"):
        link = Path("new.svg" if name == "old" else "none.svg")
        assert graphlab(capfd, "render", model, "-o", link) == (0, "")
        assert link.is_symlink()
        assert Path(f"kept/{name}.svg").read_text().startswith("<?xml")
    assert stat.S_IMODE(Path("kept/old.svg").stat().st_mode) == 0o640
    Path("lost.svg").symlink_to("nowhere/x.svg")
    Path("round.svg").symlink_to("round.svg")
    assert "the folder" in graphlab(capfd, "render", model, "-o", "lost.svg")[1]
    assert (
        "Too many levels of symbolic links"
        in graphlab(capfd, "render", model, "-o", "round.svg")[1]
    )


def test_a_pipe_and_a_device_are_written_to(model, capfd):
    os.mkfifo("pipe.svg")
    got = []
    reader = threading.Thread(target=lambda: got.append(Path("pipe.svg").read_bytes()))
    reader.start()
    assert graphlab(capfd, "render", model, "-o", "pipe.svg") == (0, "")
    reader.join()
    assert got[0].startswith(b"<?xml") and stat.S_ISFIFO(Path("pipe.svg").stat().st_mode)
    assert graphlab(capfd, "render", model, "--html", "/dev/null") == (
        0,
        "graphlab: the page is /dev/null\n",
    )
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert graphlab(capfd, "render", model, "--html", "/dev/full") == (
        2,
        "graphlab: cannot write /dev/full: No space left on device\n",
    )


def test_a_socket_or_a_folder_is_refused(model, capfd):
    with socket.socket(socket.AF_UNIX) as there:
        there.bind("socket.svg")
        said = "graphlab: cannot write socket.svg: it is a socket; name a file\n"
        assert graphlab(capfd, "render", model, "-o", "socket.svg") == (2, said)
    Path("folder.svg").mkdir()
    assert "it is a folder" in graphlab(capfd, "render", model, "-o", "folder.svg")[1]


@pytest.mark.parametrize("letter", ["a", "é", "漢"])
def test_a_name_is_as_long_as_the_file_system_takes(model, capfd, letter):
    most = 255 // len(letter.encode()) - len(".svg")
    longest, longer = letter * most + ".svg", letter * 256 + ".svg"
    assert graphlab(capfd, "render", model, "-o", longest) == (0, "")
    for place in (longer, f"{longer}/a.svg"):
        code, said = graphlab(capfd, "render", model, "-o", place)
        assert (code, said) == (2, f"graphlab: cannot write {place}: File name too long\n")


def test_a_number_that_json_lacks_is_written_as_a_text(tmp_path, monkeypatch, capfd):
    import json

    monkeypatch.chdir(tmp_path)
    call = "x = tf.raw_ops.LeakyRelu(features={}, alpha=float('{}'))\n"
    lines = [call.format("tf.ones([2])", "inf"), call.format("x", "nan")]
    Path("script.py").write_text("import tensorflow as tf\n" + "".join(lines))
    assert graphlab(capfd, "render", "script.py", "-o", "x.json") == (0, "")

    def refused(word):
        raise ValueError(f"{word} is no JSON")

    nodes = json.loads(Path("x.json").read_text(), parse_constant=refused)["nodes"]
    told = [node["attrs"]["alpha"] for node in nodes if node["op"] == "LeakyRelu"]
    assert told == ["inf", "nan"]


# What is not yet whole


def test_what_a_killed_process_left_is_swept_by_the_next_and_nothing_that_is_in_use(tmp_path):
    writing = (
        "import sys, time\nfrom pathlib import Path\nfrom graphlab.output import temporary\n"
        "with temporary.file(Path()), temporary.inner_folder(Path()):\n"
        "    print('there', flush=True)\n    time.sleep(600)\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", writing],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in started:
        assert process.stdout.readline() == "there\n"
    killed, alive = started
    try:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        mine = tmp_path / ".graphlab-notes"
        mine.write_text("mine")
        assert len(list(tmp_path.iterdir())) == 5
        files.check(tmp_path / "a.svg", ("svg",))
        left = [each for each in tmp_path.iterdir() if each != mine]
        assert sorted(each.is_dir() for each in left) == [False, True]
    finally:
        alive.kill()
        alive.wait()
    files.check(tmp_path / "a.svg", ("svg",))
    assert list(tmp_path.iterdir()) == [mine]


def test_a_file_that_is_swept_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    locked = fcntl.flock
    swept = []

    def flock(handle, how):
        if not swept:
            swept.extend(tmp_path.iterdir())
            swept[0].unlink()
        return locked(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with temporary.file(tmp_path) as place:
        assert place.exists() and place != swept[0]
    assert list(tmp_path.iterdir()) == []


def test_files_of_a_folder_follow_the_same_rules(tmp_path):
    folder, other = tmp_path / "site", tmp_path / "other.html"
    folder.mkdir()
    other.write_text("old")
    (folder / "index.html").symlink_to(other)
    with files.whole_folder(folder) as place:
        files.put(place / "index.html", b"new")
        files.put(place / "1.1.html", b"part")
    assert (folder / "index.html").is_symlink()
    assert (other.read_text(), (folder / "1.1.html").read_text()) == ("new", "part")
    (folder / "1.2.html").mkdir()
    with (
        pytest.raises(GraphlabError, match=r"cannot write .*1\.2\.html: it is a folder"),
        files.whole_folder(folder) as place,
    ):
        files.put(place / "1.1.html", b"again")
        files.put(place / "1.2.html", b"part")
    assert (folder / "1.1.html").read_text() == "part"
    assert sorted(each.name for each in folder.iterdir()) == ["1.1.html", "1.2.html", "index.html"]


def test_a_full_disk_is_told_in_one_line(tmp_path, monkeypatch):
    def full(self, data):
        raise OSError(28, "No space left on device")

    folder = tmp_path / "new"
    monkeypatch.setattr(Path, "write_bytes", full)
    with (
        pytest.raises(GraphlabError, match=r"^cannot write a\.svg: No space left on device$"),
        files.whole_folder(folder) as place,
    ):
        files.put(place / "a.svg", b"picture")
    with pytest.raises(GraphlabError, match=r"^cannot write .*a\.svg: No space left on device$"):
        files.write_whole(tmp_path / "a.svg", b"picture")
    assert list(tmp_path.iterdir()) == []


# stdin, stdout and stderr


def streams(tmp_path, arguments: str, redirected: str) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of a command whose streams a shell has redirected."""
    command = f'exec "{sys.executable}" -m graphlab {arguments} {redirected}'
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


CANNOT = "graphlab: cannot write the answer to stdout: "


@pytest.mark.parametrize("command", ["info model.pb", "info --json model.pb", "render model.pb"])
def test_an_answer_that_nobody_takes_is_one_line_and_exit_code_2(model, tmp_path, command):
    full = (2, "", f"{CANNOT}No space left on device\n")
    assert streams(tmp_path, command, ">/dev/full") == full
    assert streams(tmp_path, command, ">&-") == (2, "", f"{CANNOT}it is closed\n")
    assert streams(tmp_path, command, ">&- 2>&- <&-") == (2, "", "")
    assert streams(tmp_path, command, ">/dev/full 2>/dev/full") == (2, "", "")


def test_a_closed_stderr_or_stdin_changes_no_answer(model, tmp_path):
    plain = streams(tmp_path, "info model.pb", "")
    assert plain[0] == 0 and plain[2] == ""
    for redirected in ("2>&-", "2>/dev/full", "<&-", "2>&- <&-"):
        assert streams(tmp_path, "info model.pb", redirected) == plain
    assert streams(tmp_path, "info nosuch.pb", "2>&-") == (2, "", "")
    assert streams(tmp_path, "render model.pb -o a.svg", ">&- 2>&- <&-") == (0, "", "")
    assert Path("a.svg").read_text().startswith("<?xml")


def test_a_lesson_and_a_script_keep_their_exit_codes_without_streams(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    code, out, said = streams(tmp_path, "lesson 1.1", "<&-")
    assert (code, said) == (0, "") and "Results" in out
    assert streams(tmp_path, "lesson 1.1", ">/dev/full") == (
        2,
        "",
        f"{CANNOT}No space left on device\n",
    )
    assert streams(tmp_path, "trace script.py", ">/dev/full 2>/dev/full") == (2, "", "")
    code, out, said = streams(tmp_path, "step script.py", "<&- 2>&-")
    assert (code, said) == (0, "")


@pytest.mark.parametrize("command", ["info", "render", "trace", "step"])
@pytest.mark.parametrize("form", ["{}.pb", "{}", "{}.py", "{}/x.pb", "x/{}.keras", "{}.py:f"])
def test_a_target_whose_name_is_too_long_is_one_line(model, capfd, command, form):
    code, said = graphlab(capfd, command, form.format("a" * 256))
    assert (code, said.count("\n")) == (2, 1)
    known = "File name too long", "does not exist", "is neither a lesson", "is no model"
    assert any(words in said for words in known)


def test_a_live_page_without_a_page_or_a_call_is_refused(model, capfd):
    for command in ("step", "trace"):
        code, said = graphlab(capfd, command, model, "--live")
        assert (code, said) == (
            2,
            "graphlab: --live is for a page; expected --html FILE with it\n",
        )
