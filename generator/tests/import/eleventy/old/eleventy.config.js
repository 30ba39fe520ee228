export default function (config) {
	config.addPassthroughCopy("public");
}
export const config = {
	dir: {
		input: "content", // where the words are
		data: "../_data",
		includes: "../_includes",
	},
};
