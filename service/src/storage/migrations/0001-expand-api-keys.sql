-- Times have milliseconds, which is what a Date holds: a page that begins after a row's time misses none.
create table api_keys (
  id text primary key,
  tenant_id text not null,
  name text not null,
  role text not null check (role in ('viewer', 'operator', 'admin')),
  scopes text[] not null,
  -- HMAC-SHA256 with the pepper of this number on the key ring; 0 is none.
  hash bytea not null check (octet_length(hash) = 32),
  pepper bigint not null check (pepper >= 0),
  created_at timestamptz(3) not null default now(),
  created_by text not null,
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  replaced_by text,
  last_used_at timestamptz(3)
);

create index api_keys_newest on api_keys (tenant_id, created_at desc, id desc);
