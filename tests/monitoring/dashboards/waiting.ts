/**
 * Panels over measurements that the service has and that nothing feeds yet, and what will. Whoever makes that takes them
 * out: a panel that has begun to show something fails the test.
 */
export const waiting: Readonly<Record<string, string>> = {
  "overview/Agent health": "agents",
  "overview/Runs that wait": "runs",
  "application/Searches in memory": "agents' memory",
  "application/Search time": "agents' memory",
  "agents/Agent health": "agents",
  "agents/Worst agent": "agents",
  "agents/Health by agent": "agents",
  "agents/Executions": "runs",
  "agents/Execution failures": "runs",
  "agents/Execution time": "runs",
  "agents/Execution times": "runs",
  "agents/Slowest agents": "runs",
  "agents/Runs by agent": "runs",
  "agents/Runs that wait": "runs",
  "agents/Dead letters": "runs",
  "agents/Oldest dead letter": "runs",
  "agents/Chat messages": "chats",
  "agents/Active chats": "chats",
  "business/Events reported": "events of agents and webhooks",
  "business/Value delivered": "events of agents and webhooks",
  "business/By event": "events of agents and webhooks",
  "business/Events over time": "events of agents and webhooks",
  "business/Value over time": "events of agents and webhooks",
  "slo/Health of agents": "agents",
};
