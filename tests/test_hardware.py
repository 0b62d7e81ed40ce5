from zaohua.hardware import SPINS, _cgroup_memory, _cores, hardware, sharing_cores


def test_container_limits(tmp_path):
    assert list(_cgroup_memory(tmp_path)) == []
    (tmp_path / "memory.max").write_text("max\n")
    assert list(_cgroup_memory(tmp_path)) == []
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("300\n")
    assert list(_cgroup_memory(tmp_path)) == [(1000, 300)]
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    assert _cores(tmp_path) == 1
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert _cores(tmp_path) >= 1


def test_this_machine_is_plausible():
    machine = hardware()
    assert 0 < machine.free <= machine.total
    assert machine.cores >= 1


def test_threads_do_not_spin_for_long_unless_told_to():
    assert sharing_cores({"A": "1"}) == {"A": "1", "GOMP_SPINCOUNT": SPINS}
    for told in ({"OMP_WAIT_POLICY": "active"}, {"GOMP_SPINCOUNT": "7"}):
        assert sharing_cores(told) == told
