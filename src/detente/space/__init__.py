"""What can be: the symbolic space, its enumerated states, moves, and draws of the uncertain inputs."""
