// The code of an invite link stands behind its #: browsers send that to no server and into no log.
// It goes into the form, out of the address bar, and on its way.
const code = decodeURIComponent(location.hash.slice(1));
if (code) {
  history.replaceState(null, "", location.pathname);
  document.getElementById("code").value = code;
  document.getElementById("join").requestSubmit();
}
