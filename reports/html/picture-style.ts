/** The part of `style.css` for the pictures of what the suite covers. */
export const pictureStyle = ``;
