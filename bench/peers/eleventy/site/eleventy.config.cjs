module.exports = () => ({
  dir: { input: "src", output: "site" },
  // Nothing in a page is a template.
  markdownTemplateEngine: false,
});
