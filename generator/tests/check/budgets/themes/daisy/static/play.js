console.log("this is a game");
