// Takes the reset code from the part of the address that is never sent anywhere, and clears it there.
const code = window.location.hash.slice(1);
const field = document.querySelector("#token");
if (code && field) {
  field.value = code;
  window.history.replaceState(null, "", window.location.pathname);
  document.querySelector("#new_password")?.focus();
}
