/** A rejection that nobody handles is a failure that nobody sees: here it ends the run, red. */
process.on("unhandledRejection", (reason) => {
  console.error("unhandled rejection:", reason);
  process.exit(1);
});
