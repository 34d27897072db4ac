/* versioner: the server and its commands. */
#include "serve/command.h"

int main(int argc, char **argv)
{
	return command_main(argc, argv);
}
