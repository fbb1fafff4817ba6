create table audit (
  id bigint generated always as identity primary key,
  tenant_id text not null,
  at timestamptz(3) not null default now(),
  principal text not null,
  address text,
  action text not null,
  target text not null,
  detail jsonb not null default '{}',
  request_id text
);

create index audit_newest on audit (tenant_id, id desc);

create function audit_stays() returns trigger language plpgsql as $$
begin
  raise exception 'audit is append-only: % is refused', tg_op using errcode = 'insufficient_privilege';
end
$$;

-- By statement, because truncate has no rows; so a change that finds no row is refused too.
create trigger audit_stays before update or delete or truncate on audit
  for each statement execute function audit_stays();
