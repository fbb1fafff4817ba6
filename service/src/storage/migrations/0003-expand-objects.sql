-- What is known about an upload; its bytes are in the bucket under the same id.
create table objects (
  id text primary key,
  tenant_id text not null,
  name text not null,
  content_type text not null,
  size bigint not null check (size >= 0),
  sha256 bytea not null check (octet_length(sha256) = 32),
  -- What its links are signed with.
  link_key bytea not null,
  created_at timestamptz(3) not null default now(),
  created_by text not null
);

create index objects_newest on objects (tenant_id, created_at desc, id desc);
