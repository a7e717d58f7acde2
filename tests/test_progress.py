"""Progress in a log: counts, rejects and the time left; nothing on standard output."""

from vivant.progress import progress


def test_a_log_gets_the_first_and_the_last_line(capsys):
    with progress("scenes", 3, done=1) as tick:
        tick()
        tick(rejected=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(",")[0] for line in err.splitlines()] == ["scenes: 2/3", "scenes: 3/3"]
    assert "1 rejected" in err.splitlines()[-1] and "0 s left" in err
