// Lets an administrator talk to /ws/jobs by hand. See docs/live-progress.md for the messages.

const MOST_SHOWN = 200;
const trial = document.querySelector("#trial");
const list = document.querySelector("#messages");
const state = document.querySelector("#state");
const button = document.querySelector("#connect");
const number = document.querySelector("#job");
let socket;

function show(label, text, kind) {
  const item = document.createElement("li");
  const code = document.createElement("code");
  code.textContent = text;
  item.className = kind;
  item.append(`${new Date().toLocaleTimeString()} ${label}`, code);
  list.prepend(item);
  while (list.children.length > MOST_SHOWN) list.lastChild.remove();
}

function send(message) {
  if (socket.readyState !== WebSocket.OPEN) return show("not sent, there is no connection", "", "sent");
  const text = JSON.stringify(message);
  socket.send(text);
  show("sent", text, "sent");
}

function connect() {
  const address = new URL(trial.dataset.socket, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  state.textContent = "Connecting";
  socket.onopen = () => {
    state.textContent = "Connected";
    button.textContent = "Disconnect";
  };
  socket.onclose = ({ code, reason }) => {
    state.textContent = `Not connected (${code}${reason ? `, ${reason}` : ""})`;
    button.textContent = "Connect";
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    show(`${message.type}${message.job_id ? ` of job ${message.job_id}` : ""}`, JSON.stringify(message, null, 1), "heard");
    if (message.type === "ping") send({ type: "pong" });
  };
}

async function cancel(id) {
  const answer = await fetch(`${trial.dataset.jobs}/${id}/cancel`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: "{}",
  });
  show(`cancel of job ${id} answered ${answer.status}`, await answer.text(), "heard");
}

document.querySelector("#wish").addEventListener("submit", (event) => {
  event.preventDefault();
  const type = event.submitter?.value ?? "subscribe_job";
  const job_id = number.valueAsNumber;
  const needsJob = ["subscribe_job", "unsubscribe_job", "cancel"].includes(type);
  if (needsJob && !Number.isInteger(job_id)) return void number.focus();
  if (type === "cancel") cancel(job_id).catch(() => show("the server can't be reached", "", "heard"));
  else send(needsJob ? { type, job_id } : { type });
});

button.addEventListener("click", () => {
  if (socket.readyState === WebSocket.OPEN) socket.close();
  else connect();
});
document.querySelector("#clear").addEventListener("click", () => list.replaceChildren());
connect();
