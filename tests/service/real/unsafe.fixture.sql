-- Writers wait while this is built: what the checker must see.
create index templates_body on templates (body);
