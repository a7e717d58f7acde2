"""RelationBench as DreamRelation's table 10 (short) and RelationBooth's table 9 print it, and the predicates."""

SHORT = """\
A {} is playing guitar on a park bench.
A {} is playing piano in a grand hall.
A {} is eating dinner in a bustling restaurant.
A {} is dancing in the moonlight.
A {} is lifting weights in a modern gym.
A {} is reading a book by the fireplace.
A {} is skiing down a steep slope in the Alps, with snowflakes falling gently.
A {} is sleeping peacefully in a hammock under the shade of a palm tree.
A {} is cooking lunch in a kitchen.
A {} is singing on stage during a vibrant music festival.
A {} is riding a bike along the scenic countryside road.
A {} is riding a horse on the grassland.
A {} is riding a motorbike on the street.
A {} is playing soccer on football playground.
A {} is playing chess with a {} under a tree.
A {} is partner dancing with a {} in a vintage ballroom.
A {} is carrying a {} on the diving room.
A {} is fencing with a {} in an elegant arena.
A {} shakes hands with a {} in the forest.
A {} is kissing a {}.
A {} is playing basketball with a {} on a street court.
A {} is wrestling with a {} in a championship ring.
A {} is hugging a {} in front of the mountain.
A {} is fighting with a {} in a garden.
A {} is sitting back to back with a {} on a hilltop.
""".splitlines()

LONG = """\
A {} is playing guitar on a park bench, serenading passersby.
A {} is playing piano in a grand hall filled with glowing chandeliers.
A {} is eating dinner in a bustling restaurant with soft jazz playing in the background.
A {} is dancing in the moonlight on a rooftop terrace with a stunning city view.
A {} is lifting weights in a modern gym, pushing through an intense workout.
A {} is reading a book by the fireplace on a rainy evening.
A {} is skiing down a steep slope in the Alps, with snowflakes falling gently.
A {} is sleeping peacefully in a hammock under the shade of a palm tree.
A {} is cooking lunch in an open-air kitchen overlooking a lush green valley.
A {} is singing on stage during a vibrant music festival with thousands of fans.
A {} is riding a bike along the scenic countryside road during sunset.
A {} is riding a horse through a dense forest, surrounded by nature.
A {} is riding a motorbike on a winding mountain road, feeling the wind rush by.
A {} is playing soccer on a sandy beach, with a vibrant sunset in the background.
A {} is playing chess with a {} in a quiet park under the shade of a tree.
A {} is partner dancing with a {} in a vintage ballroom with live music playing.
A {} is carrying a {} across a rushing river, carefully finding their steps.
A {} is fencing with a {} in an elegant arena, with spectators watching closely.
A {} shakes hands with a {} at a formal awards ceremony after receiving a prize.
A {} is kissing a {} in the rain under a large umbrella in a romantic city square.
A {} is playing basketball with a {} on a street court.
A {} is wrestling with a {} in a championship ring.
A {} is hugging a {} in front of the mountain.
A {} is fighting with a {} in a garden.
A {} is sitting back to back with a {} on a hilltop.
""".splitlines()

PREDICATES = """\
playing guitar
playing piano
eating dinner
dancing
lifting weights
reading a book
skiing
sleeping peacefully in a hammock
cooking lunch
singing
riding a bike
riding a horse
riding a motorbike
playing soccer
playing chess with
partner dancing with
carrying
fencing with
shakes hands with
kissing
playing basketball with
wrestling with
hugging
fighting with
sitting back to back with
""".splitlines()
