// Puts the focus on the list of what is wrong, so that it is seen and read out first.
document.querySelector(".hk-errors")?.focus();
