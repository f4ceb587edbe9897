from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.hosts.project.shelves import Stretches, job_order, second_shelves

spans = st.tuples(st.integers(0, 60), st.integers(1, 12)).map(lambda one: (one[0], sum(one)))


@given(st.lists(spans), spans)
def test_stretches_overlap_what_one_of_them_overlaps(taken, span):
    assert Stretches(taken).overlap(span) == any(a < span[1] and span[0] < b for a, b in taken)


def test_stretches_that_touch_do_not_overlap():
    assert not Stretches([(0.0, 1.0)]).overlap((1.0, 2.0))
    assert not Stretches([(0.0, 1.0 + 1e-9)]).overlap((1.0, 2.0))


def test_jobs_of_a_batch_are_in_the_order_of_their_numbers():
    ids = ["20250102-ab2f-10", "20250102-ab2f-2", "20250101-ff-3", "x", "20250102-ab2f-1"]
    assert sorted(ids, key=job_order) == [
        "20250101-ff-3",
        "20250102-ab2f-1",
        "20250102-ab2f-2",
        "20250102-ab2f-10",
        "x",
    ]


def test_many_muted_shelves_are_told_in_one_sentence():
    assert second_shelves([]) == []
    (sentence,) = second_shelves(["a", "b", "c", "d", "e"])
    assert sentence.startswith('"a", "b", "c" and 2 more are muted')
    assert second_shelves(["a"])[0].startswith('"a" is muted')
