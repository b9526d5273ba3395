from __future__ import annotations

from typing import Any

from s3_crosscopy.airflow.given_fields import GivenFields


class Base:
    template_fields = GivenFields(("source", "mode", "limit", "tags"))

    def __init__(self, *, source: str, mode: str = "auto", limit: Any = 0, tags: Any = ()) -> None:
        self.source, self.mode, self.limit, self.tags = source, mode, limit, tags


class Below(Base):
    template_fields = GivenFields(("source", "mode", "more"))

    def __init__(self, *, more: object = None, source: str = "", mode: str = "fixed") -> None:
        self.more = more
        super().__init__(source=source, mode=mode)


def test_a_class_has_all_fields() -> None:
    assert Base.template_fields == ("source", "mode", "limit", "tags")


def test_a_task_has_those_that_differ_from_their_default() -> None:
    assert Base(source="s3://a/").template_fields == ("source",)
    assert Base(source="s3://a/", mode="{{ x }}", tags=["a"]).template_fields == ("source", "mode", "tags")


def test_another_type_is_another_value() -> None:
    assert Base(source="a", limit=False).template_fields == ("source", "limit")
    assert Base(source="a", limit=None).template_fields == ("source", "limit")


def test_what_is_set_later_counts() -> None:
    task = Base(source="a")
    task.mode = "{{ x }}"
    assert task.template_fields == ("source", "mode")


def test_a_class_below_has_defaults_of_its_own() -> None:
    assert Below().template_fields == ()
    assert Below(more=1, source="a", mode="auto").template_fields == ("source", "mode", "more")


def test_an_attribute_that_is_not_there_yet_is_left_out() -> None:
    assert Base.__new__(Base).template_fields == ()


class OfAUser(Base):
    def __init__(self, *, source: str = "s3://a/{{ ds }}/", mode: str = "auto") -> None:
        super().__init__(source=source, mode=mode)


def test_a_template_that_a_class_of_the_user_has_as_default_is_rendered() -> None:
    assert OfAUser().template_fields == ("source",)
    assert OfAUser(mode="{{ x }}").template_fields == ("source", "mode")
