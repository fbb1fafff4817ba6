create table templates (
  id text primary key,
  tenant_id text not null,
  name text not null,
  description text not null default '',
  body text not null,
  variables jsonb not null,
  version bigint not null default 1 check (version >= 1),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint templates_name unique (tenant_id, name)
);

create index templates_newest on templates (tenant_id, created_at desc, id desc);
