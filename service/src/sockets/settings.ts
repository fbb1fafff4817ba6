/** What bounds a socket. A test puts in smaller ones, so that it need not wait. */
export const socketSettings = {
  /** Load balancers cut a connection that is silent for 60 s; pings keep it, and find the dead. */
  beatMs: 20_000,
  /** The next beat closes then, after a minute in all. Counted and not timed: a process that stalled has heard nobody. */
  unansweredPings: 2,
  /** Who opens a socket is known within this: a database that hangs must not hold upgrades without end. */
  handshakeMs: 10_000,
  /** A revoked key keeps its sockets no longer than this. */
  recheckMs: 60_000,
  /** How long a peer may take to answer a close frame. */
  closeMs: 2000,
  /** Room for inputs of 10,000 characters many times over; what is larger goes to /api/v1/objects. */
  frameBytes: 256 * 1024,
  /** A person makes one frame a second, a program that watches runs some; a flood is neither. */
  framesPerSecond: 20,
  /** A page that comes back subscribes to everything it shows at once. */
  frameBurst: 100,
  /** A client that is wrong this often in a row will not get better. */
  unreadableFrames: 10,
  /** Sockets of one principal in one process: a tab has one, a back end a few; each holds memory for as long as it lives. */
  perPrincipal: 50,
  /** What may wait in this process for one slow reader. */
  bufferedBytes: 1024 * 1024,
};
export type SocketSettings = Readonly<typeof socketSettings>;
