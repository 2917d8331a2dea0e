/** What rpm-ostree says before each command of `ex`. */
export const NOTICE = 'NOTICE: Experimental commands are subject to change.';
