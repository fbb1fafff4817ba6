-- Used once: whoever deletes the row has the ticket.
create table ws_tickets (
  hash bytea primary key check (octet_length(hash) = 32),
  tenant_id text not null,
  principal jsonb not null,
  expires_at timestamptz(3) not null
);

create index ws_tickets_expired on ws_tickets (expires_at);
