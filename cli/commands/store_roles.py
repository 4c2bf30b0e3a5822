"""`diemnong store roles`."""

import typer


def store_roles() -> None:
    """In lệnh SQL tạo vai trò cho ba mức phát hành / Print the SQL that makes the roles of the three levels."""
    import workflow

    typer.echo(workflow.roles_sql(), nl=False)
