/* versioner: the server, its commands, and the command line that talks to it. */
#include "serve/commands.h"

int main(int argc, char **argv)
{
	return command_main(COMMANDS, argc, argv);
}
