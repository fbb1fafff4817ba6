-- Of the whole service, and so of no tenant. A mode without a row is off.
create table modes (
  name text primary key check (name in ('read_only', 'maintenance')),
  enabled boolean not null,
  reason text,
  changed_by text not null,
  changed_at timestamptz(3) not null default now()
);
