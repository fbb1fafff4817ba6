# How lines are kept, and for how long. It may run again at any time.
set -eu

ask() {
  method=$1
  path=$2
  shift 2
  curl --silent --show-error --fail-with-body --max-time 30 --retry 30 --retry-delay 5 --retry-all-errors \
    --request "$method" --header "Content-Type: application/json" "$@" "$URL/$path"
  echo
}

field() {
  sed -n "s/.*\"$1\":\([0-9][0-9]*\).*/\1/p"
}

ask PUT "_index_template/$INDEX" --data-binary "@$FILES/template.json"

# A policy that is there is changed only by who says which one he has seen.
seen=$(curl --silent --max-time 30 "$URL/_plugins/_ism/policies/$INDEX" | tr -d '\n')
number=$(printf '%s' "$seen" | field _seq_no)
term=$(printf '%s' "$seen" | field _primary_term)
if [ -n "$number" ]; then
  ask PUT "_plugins/_ism/policies/$INDEX?if_seq_no=$number&if_primary_term=$term" --data-binary "@$FILES/retention.json"
  # Indexes that are there go on with the policy as it was, until they are told. There may be none.
  curl --silent --show-error --max-time 30 --request POST --header "Content-Type: application/json" \
    --data-binary "{\"policy_id\":\"$INDEX\"}" "$URL/_plugins/_ism/change_policy/$INDEX-*"
  echo
else
  ask PUT "_plugins/_ism/policies/$INDEX" --data-binary "@$FILES/retention.json"
fi
