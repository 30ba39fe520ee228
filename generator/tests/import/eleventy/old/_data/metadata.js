export default {
	title: "Hearsall",
	url: "https://hearsall.org/",
	language: "en",
	description: `In our street`,
};
